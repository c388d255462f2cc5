"""English words that speak for stories, verse, plays and jokes."""

from __future__ import annotations

from langchain_novastack.policies.vocabulary import Table

FICTION_TABLES: tuple[Table, ...] = (
    Table(
        name="perhaps fiction asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 1.8},
        entries="""
            hero, name, dragon, kingdom, character, characters, wizard, novel, legend, plot, opera, musical, scenes,
            anime, universe, lore, idea, prompt, activities for, portrait of, description of, city, scene of,
            introduction of a character, sunset, landscape, moment, secret, diary, journal, adventure for, tradition,
            review of a, pitch""",
    ),
    Table(
        name="manner of writing",
        points={"creative": 1.3},
        entries="""
            that must rhyme, rhymes, syllables, evocative, vivid, vividly, vivid imagery, imagery, heartwarming,
            heartfelt, enchanting, captivating, persuasive, eye-catching, attention-grabbing, attention grabbing,
            playful, romantic, hemingway, tarantino, happy ending, sad ending, bad ending, plot twist, twist ending,
            cliffhanger, show don't tell, vividly detailed, excessively, words or more, dialogue, dialogues,
            dialogs, foreshadowing, internal monologue, third-person, fourth wall, style of a, once upon a time,
            descriptive language, atmospheric, whimsy, sensory, lyrically, suspense, banter, inner monologue,
            character development, long and detailed, as long as possible, in great detail, tense""",
    ),
    Table(
        name="form or voice asked for",
        points={"creative": 3.0},
        most=5.2,
        entries="""
            in the style of, in style of, in a style similar, as told by, as written by, style song, style poem, style
            story, speaking style, like a pirate, of a pirate, as a pirate, like shakespeare, like yoda, like a wizard,
            like a rapper, like a poet, like a villain, 's point of view, s point of view, s perspective, talk like a
            pirate, like a medieval, like a noir, as a noir, as a villain, as a medieval, as a dragon, in pirate, as if
            it were a, as a nature documentary, like a nature documentary, style of a nature, as a fairytale, as an
            epic, as a love letter, as a breakup letter, as a diary, as a diary entry, diary entry, as a monologue, as a
            radio play, as a news report from, as a chronicle, like hemingway, like tolkien, like lovecraft, like poe,
            like jane austen, like bukowski, in the voice of a, tone of a noir, as a bedtime, as a myth, as a legend, as
            a scene, write it as, like a fairy tale, as a limerick, as a rap, as if she were, as if he were, as if he
            was, as if she was, as if written by, as if narrated, like a gangster, 1920s gangster, style of a gangster,
            like a drill sergeant, in the most ridiculous way, in the most dramatic way, in the funniest way, like a
            horror, in pirate speak, in old english style, as if you were, as though you were, as if it was written, as
            if spoken by, as if told by, with smells, smells and sounds, sights and sounds""",
    ),
    Table(
        name="humour and fancy",
        points={"creative": 2.0},
        entries="""
            witty, whimsical, humorous, humorously, hilarious, hilariously, funny, sarcastic, satirical, comedic,
            comical, poetic, poetically, lyrical, spooky, eerie, cheesy, punny, catchy, clickbaity, punchy,
            whimsically, imaginative, imaginary, fictional, fictitious, made-up, silly, goofy, creepy, scary,
            makes people laugh, make people laugh, make me laugh, rhyme, rhymes, rhyming, rhymed, rhyme scheme,
            iambic pentameter, aabb, abab, suspenseful, dystopian, cyberpunk, steampunk, noir, gothic,
            shakespearean, dr seuss, dr. seuss, lovecraftian, sci-fi, fan-made, tongue-in-cheek, over the top,
            melodramatic, absurd, absurdist, surreal, nonsense, parody of, spoof of, slow-burn, grimdark, whodunit,
            cozy mystery, swashbuckling, epic fantasy, dark fantasy, high fantasy, urban fantasy, sci-fantasy,
            magical realism, solarpunk, biopunk, dieselpunk, retrofuturistic, mock-heroic, tear-jerking,
            heart-wrenching, spine-chilling, hair-raising, bone-chilling, tongue twister, in rhyme, laugh out loud,
            deadpan, parody, roast, puns""",
    ),
    Table(
        name="funny or tender, asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 1.5},
        most=1.5,
        entries="""
            funny, funniest, hilarious, witty, cheeky, silly, goofy, playful, whimsical, quirky, sarcastic, snarky,
            humorous, comedic, comical, satirical, ironic, punny, cheesy, corny, romantic, flirty, seductive, steamy,
            spooky, scary, creepy, eerie, haunting, heartwarming, heart-warming, heartfelt, tear-jerking, bittersweet,
            poetic, lyrical, rhyming, dramatic, melodramatic, absurd, surreal, magical, whacky, wacky, over-the-top,
            mock-heroic, cozy, gothic, dystopian, cyberpunk, steampunk, noir, fictional, imaginary, made-up, fantasy,
            sci-fi, smth romantic, something romantic, something funny, something silly, mythical, unusual, screwball,
            slapstick, offbeat, captivating, enchanting, imaginative, outlandish, bizarre, weird, zany, dreamy,
            nostalgic""",
    ),
    Table(
        name="literary form asked for",
        points={"creative": 4.5},
        most=4.5,
        entries="""
            in a haiku, in haiku, in a poem, in a limerick, in a rap, in a sonnet, as a poem, as a haiku,
            as a limerick, as a sonnet, as a song, as a rap, as a rap battle, as a story, as a short story,
            as a bedtime story, as a fairy tale, as a fairytale, as a fable, as a play, as a screenplay,
            as a sea shanty, as a ballad, as a nursery rhyme, as a joke, as a monologue, as a dialogue between,
            as a conversation between, in rhyme, in rhymes, in verse, in rhyming couplets, in iambic pentameter,
            in haiku form, in poem form, in poetic form, into a poem, into a story, into a song, into a rap,
            into a haiku, into a screenplay, into a fairy tale, into a limerick, form of a poem, form of a haiku,
            form of a story, form of a song, form of a sonnet, form of a dialogue, form of a fairy tale,
            form of a rap, form of a limerick, make it rhyme, must rhyme, should rhyme, every line rhymes,
            as a diary entry, as a dialogue, as a conversation, as a scene, as an epic poem, as a myth,
            as a love letter, as a monologue by, as free verse, as a hymn, as a country song, as a hip hop song,
            as a script, into a scene, into a dialogue, into a fable, into a play, into a comic, into lyrics,
            into a sea shanty, into a bedtime story, in limerick form, in sonnet form, in the form of a poem,
            in the form of a story, in the form of a haiku, in the form of a song, in the form of a dialogue,
            in the form of a rap, in the form of a screenplay, in the form of a letter from, in the form of a diary""",
    ),
    Table(
        name="fiction",
        points={"creative": 1.0},
        most=2.4,
        entries="""
            storytelling, poems, poetry, poet, haiku, sonnet, limerick, verse, verses, stanza, stanzas, lyrics,
            lyric, song, songs, rap, ballad, chorus, screenplay, screenwriter, novel, fiction, fictional,
            fanfiction, fanfic, fan fiction, character, characters, protagonist, main character, antagonist,
            villain, hero, heroine, superhero, backstory, storyline, plot, plotline, prologue, chapter, scene,
            dialogue, monologue, narrator, narrative, tale, fairy tale, fairytale, fable, myth, legend, lore,
            worldbuilding, magic, magical, fantasy, dragon, dragons, wizard, witch, vampire, werewolf, zombie,
            pirate, pirates, mermaid, unicorn, elf, elves, orc, goblin, enchanted, castle, princess, prince, knight,
            warrior, sword, spaceship, alien, aliens, post-apocalyptic, apocalypse, time travel, time traveler,
            parallel universe, romance, crush, falls in love, fall in love, fell in love, love story, joke, jokes,
            pun, puns, riddle, parody, satire, comedy, sitcom, cartoon, anime, manga, comic, episode, crossover,
            slogan, tagline, jingle, brand, headline, advertisement, advertising, ad copy, marketing, sales pitch,
            copywriter, copywriting, landing page, product name, target call to action, captivate, audience, viral,
            bedtime, imagination, creatively, adventure, mysterious, mystery, haunted, heartbreak, angst, angsty,
            smut, yuri, yaoi, harem, isekai, wholesome, whispered, smiled, gasped, sighed, chuckled, giggled,
            grinned, bard, metaphors, hogwarts, star wars, marvel, dc comics, pokemon, naruto, game of thrones,
            lord of the rings, harry potter, sherlock holmes, spongebob, simpsons, family guy, star trek,
            doctor who, my little pony, sonic, mario, batman, superman, spider-man, godzilla, king kong,
            frankenstein, dracula, detective, noir, heist, assassin, mercenary, princesses, fairies, fairy, troll,
            giant, ogre, witches, wizards, sorcerer, sorceress, necromancer, prophecy, quest, throne, tavern,
            dungeon, spells, cursed, haunted house, creepy, monster, monsters, creature, creatures, demon, demons,
            angel, angels, goddess, mythical, robots, cyborg, android, sentient, starship, space station,
            bounty hunter, outlaw, cowboy, samurai, ninja, gladiator, narration, narrate, flashback, inner thoughts,
            love interest, she said, he said, she whispered, he whispered, grandmother, once upon, long ago,
            far away, teddy bear, talking animals, talking cat, lonely, heartbroken, longing, moonlight, whispers,
            nostalgia, melancholy, bittersweet, uplifting, epic, dramatic, drama, tragic, tragedy, thriller, horror,
            fantasy world, medieval, victorian, renaissance, futuristic, utopian, alternate universe, multiverse,
            cinderella, snow white, rapunzel, three little pigs, goldilocks, red riding hood, peter pan,
            alice in wonderland, robin hood, king arthur, zeus, thor, santa claus, easter bunny, tooth fairy,
            superhero fight, magic exists, santa, grim reaper, castaway, lighthouse keeper, clockmaker, cartographer""",
    ),
    Table(
        name="going on with a text",
        points={"creative": 2.4},
        entries="""
            continue the story, continue this story, continue my story, continue the scene, continue this scene,
            continue the following story, continue the narrative, finish the story, finish this story, finish the poem,
            complete the story, complete this story, ending to the story, ending for the story, next chapter, next part
            of the story, rewrite the story, rewrite this story, rewrite the ending, rewrite this scene, rewrite the
            scene, rewrite the lyrics, rewrite the song, add to the story, story about, stories about, poem about, poems
            about, song about, songs about, rap about, joke about, jokes about, haiku about, limerick about, novel
            about, tale about, tale of, scene where, scene in which, scene between, story in which, story where, story
            of a, story set in, set in the world of, episode of, episode where, short story, short stories, bedtime
            story, love story, fan fiction, rap battle, song lyrics, the lyrics, dialogue between, conversation between,
            writing prompt, creative writing, make it funny, make it rhyme, write about a character, retell the story,
            retell this, what they say, what happens next, then what happens, tell what happens, in the universe of, set
            in the universe, write a continuation, write the ending, write the next, write chapter, chapter one, chapter
            1, chapter 2, part two of, keep going with the story, go on with the story, continue from there, continue
            from here, continue this, continue the tale, continue the dialogue, continue the chapter, continue the
            roleplay, continue the rp, continue my novel, continue this chapter, continue writing, pick up where, next
            scene, next verse, finish this limerick, finish the limerick, finish this poem, finish my poem, finish my
            story, complete the poem, complete this poem, complete the limerick, improve my poem, edit my poem, improve
            my story, rewrite my story, rewrite my poem, rewrite this poem, rewrite this dialogue, rewrite this chapter,
            rewrite the opening, feedback on my story, feedback on my poem, critique my story, critique my poem, my
            poem, my short story, my novel, my fanfic, my screenplay, my protagonist, my main character, my story, my
            fantasy novel, my fantasy world, my dnd campaign, my d&d campaign, my book about, the scene in which, the
            scene where, beginning of a chapter, beginning of a story, start of a story, episode in which, from the
            show, in the show, fights against, wakes up in the world of, gets transported, crossover between, parody of,
            lyrics of, lyrics to, lyrics for, in the style of a, end it on a cliffhanger, end on a cliffhanger, on a
            cliffhanger, add more tension, more suspense, add suspense, chapter two, chapter three, next chapter where,
            where the hero, twist ending, sad ending, happy ending, tragic ending, alternative ending, different ending,
            change the ending, meets batman, meets sherlock, if sherlock, if batman, if superman, if dracula, if
            frankenstein, one sentence each, i begin:, i'll start:, your turn to continue, alternate sentences, cartoon
            universe, in the mcu, marvel universe, my leads are, my main characters are, my characters are, i'm writing
            a romance, i'm writing a novel, i'm writing a story, i am writing a novel, i am writing a story, i'm writing
            a fantasy, i'm writing a book, i am writing a fantasy, i'm working on a novel, i'm working on a story,
            working on a fantasy, outline 12 chapters, mid-point twist, midpoint twist, three-act, three act structure,
            keep it pg, fanfic about, swap bodies, body swap, awakens a power, in the anime, anime world, continue:""",
    ),
    Table(
        name="not for a storyteller",
        points={"creative": -2.0},
        entries="""
            story point, story points, user story, user stories, history of, true story, news story, success story,
            jira, full story, two-story, story building, story house, character encoding, character set,
            special character, special characters, unicode character, characters long, character string,
            character array, characters in the string, file name, file names, column name, column names, table name,
            variable name, variable names, function name, class name, name column, plot a, plot the, scatter plot,
            bar plot, box plot, line plot, data story, cash flow, gene name, poetic justice, character limit,
            what song, which song, name of the song, which novel, who wrote, who sang, song meaning,
            meaning of the song, meaning of the poem, poem mean, moral of, main idea, main ideas, key ideas,
            central idea, business idea feasible, first name, last name, full name, domain name system,
            search engine, terms of service, action items, story behind, story of the, stories behind,
            commentary on, story structure, story arc, acceptance criteria, story of the odyssey,
            stories in the bible, act as expert, role model, role models, in real life, in reality, plot summary of,
            summarize the plot, plot of, summary of the story, the moral, character traits, character analysis,
            analyze the character, theme of the poem, themes of, main theme, main themes, literary devices,
            figurative language, tone of the poem, author of, author's purpose, published in, box office,
            directed by, starring, song by, album by, poem by, novel by, film by, is a novel, is a poem, is a song,
            was a poet, was a writer, play the guitar, play the piano, play a role, plays a role, played a role,
            role in society, tips for writing, how to write, how do i write, advice for writers, makes a good,
            business plan, name of the, names of the, list the names, synonyms for, word for, a term, called when,
            term used, what is the name, what's the name, name of a, names and dates, all names, which musician,
            which composer, which author, famous works, short stories by, provide a title for the,
            title for the article, title for the following, the following story, following story:, rearrange,
            what rhymes with, rhymes with""",
    ),
    Table(
        name="advice about writing",
        where="opening",
        points={"creative": -3.0},
        most=3.0,
        entries="""
            how do i write, how to write, how can i write, how do you write, how should i write, tips for writing,
            tips on writing, advice for writing, advice on writing, advice for writers, want to write a novel,
            want to write a book, how to start writing, how do novelists, how do writers, how do authors,
            what makes a good, what makes a great, which shakespeare, which novel, which poem, which book,
            which character, which author, in which play, what play, i want to write a novel, i want to write a book""",
    ),
    Table(
        name="works that exist",
        points={"creative": -3.0},
        most=4.5,
        entries="""
            famous poem, famous poems, famous songs, famous song, famous story, famous stories, famous novels,
            famous plays, best poems, best novels, best songs, best fantasy, best stories, classic poems,
            classic novels, classic stories, well-known poem, well-known poems, popular songs, lyrics mean,
            lyrics of a song, what's it about, what is this song about, what does this mean, is creative writing,
            creative writing degree, creative writing course, creative writing class, creative writing program,
            creative writing teacher, so disliked, foreshadowing in, symbolism in, symbolism of,
            use of foreshadowing, mythology overview, screenplay formatted, the ending mean, authors writing,
            what does the ending, what is it about, user story, user stories, story points""",
    ),
)
