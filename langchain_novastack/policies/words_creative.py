"""English words that speak for creative work."""

from __future__ import annotations

from langchain_novastack.policies.vocabulary import Table

CREATIVE_TABLES: tuple[Table, ...] = (
    Table(
        name="verse and song asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 3.5},
        entries="""
            poem, poems, poetry, haiku, haikus, sonnet, sonnets, limerick, limericks, ballad, ballads, ode, odes, elegy, verses, free verse,
            rhyme, rhymes, nursery rhyme, rhyming couplet, couplet, couplets, stanza, stanzas, quatrain, villanelle, sestina, tanka, acrostic, acrostics,
            epic, song, songs, lyrics, lyric, rap, raps, rap battle, rap verse, diss freestyle, jingle, jingles, lullaby, hymn, anthem, carol, chorus,
            shanty, sea shanty, duet, melody, operetta, album, track, chord progression, country song, love song, folk song, hook for a song,
            greeting card, birthday card message, birthday message, birthday wish, birthday wishes, toast, wedding vows, vows, eulogy, poetic, love poem, short poem, prose poem, blank verse, rhyming poem, rhyming story, birthday poem, spoken word, slam poem, kyrielle, pantoum, ghazal, shayari, elegies, psalm, cantata, theme song, pop song, punk song, rap song, hip hop song, hip-hop, drill, country ballad, christmas carol, wedding toast, wedding speech, best man speech, maid of honor speech, retirement speech, roast speech, thank you poem, parody song, peom, poam, peoms, lyrcis, birthday card, greeting card, sympathy card, card message, rhyming toast, poem for, verse for""",
    ),
    Table(
        name="stories asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 3.5},
        entries="""
            story, stories, storyline, storylines, short story, bedtime story, love story, ghost story, origin story, backstory, back story, sequel, prequel,
            novella, novelette, light novel, graphic novel, tale, tales, folktale, fable, fables, parable, parables, fairytale, fairytales,
            fairy tale, fairy tales, myth, myths, legends, fiction, short fiction, flash fiction, microfiction, fanfic, fanfics, fanfiction, fan fiction,
            fan-fiction, science fiction, fic, narrative, narratives, creepypasta, greentext, vignette, vignettes, prologue, epilogue, chapter, chapters, first chapter,
            opening chapter, opening paragraph of, opening line, opening lines, opening sentence, opening scene, ending scene, anecdote, anecdotes, adventure, adventures, romance,
            diary entry, diary entries, journal entry of, love letter, love letters, letter from the perspective, saga, plots, plotline, plot twist, plot twists,
            subplot, premise, synopsis for a, logline, loglines, outline for a novel, outline for a story, outline of a story, outline of a novel, world building, worldbuilding,
            fantasy world, fictional world, fictional, alternate history, alternate timeline, alternate ending, what-if scenario, hypothetical story,
            crossover, headcanon, timeline of an alternate, stroy, sotry, storey, peom, creation myth, fictional story, fictional character, fictional news, fictional article, fake news article, fictional interview, bedtime tale, story outline, story idea, story ideas, plot outline, plot summary for, chapter outline, book outline, book idea, book concept, children's book, childrens book, kids book, picture book, audio drama, horror story, scary story, funny story, fantasy story, sci-fi story, mystery story, detective story, adventure story, romance story, six-word story, campfire story, drabble, one-shot, oneshot, smut, reader insert, x reader, scenario where, scenario in which, descriptive paragraph, descriptive passage, vivid description, description of a character, setting description, monologue from, thoughts of, memoir, first-person account, travelogue, letter to my younger self, letter from a, letter to santa, sword and sorcery, space opera, pov, headcanons, imagines, love confession, fictional dialogue, alternative ending, continuation, next part, next scene, next episode, storry, storie, stori, diary of, journal of, mystery set, opening paragraph, first paragraph of, opening of a, beginning of a story, ending for, ending to, endings to, endings, creation story, holiday tradition, retelling, letter from, letters between, confession of, last words, dream sequence, parallel world, what happens next""",
    ),
    Table(
        name="stage and screen asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 3.5},
        entries="""
            screenplay, screenplays, teleplay, movie script, film script, tv script, play script, comedy script, podcast script, video script, youtube script,
            radio script, script for a movie, script for a film, script for a video, script for a youtube video, script for a short film, script for a play, script for an             script for a commercial, script for a podcast, script for a show, script for a script for a sketch, script for a scene, script from the,
            script in which, script about, script where, stage play, one-act play, play about, monologue, monologues, soliloquy, dialogue, dialogues, dialog, dialogs,
            conversation between, debate between, interview between, argument between, fight between, battle between, interaction between, exchange between,
            skit, skits, sketch, comedy sketch, scene, fight scene, battle scene, episode, episodes, sitcom, cartoon, movie idea, film idea,
            comic, comic strip, comic book, manga, movie trailer, trailer, teaser, voiceover, voice-over, voice over, narration, movie plot, film plot, pilot episode,
            storyboard, speech for the villain, roast, stand-up routine, standup routine, stand up routine, comedy routine, radio play, radio drama, puppet show, video game script, tv show, web series, mockumentary, documentary script, opening monologue, closing monologue, cutscene, shot list, banter, text conversation, text message conversation, chat log, group chat, rap cypher, mock interview, fake interview, imaginary conversation, phone call between, dialogue for, lines for, catch-phrases, speech by, speech from, pep talk, villain monologue, sermon, commencement, commentary, what they say, stage directions, roast of, interview with a, villain speech, villain's speech, hero's speech, campaign speech, victory speech, rousing speech, inspirational speech, motivational speech, locker room speech""",
    ),
    Table(
        name="play and humour asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 3.2},
        entries="""
            joke, jokes, dad joke, dad jokes, knock knock joke, one-liners, pun, puns, riddle, riddles, tongue twister, tongue twisters, parody, parodies, satire, spoof, meme, memes,
            pickup line, pickup lines, pick-up line, pick-up lines, comeback, comebacks, insult, insults, prank, pranks, flirty message, flirty text,
            dnd d&d campaign, campaign setting, one-shot adventure, dungeon, quest, quests, side quest, encounter, encounters, stat block, statblock, magic item, magic items,
            monster, monsters, spells, text adventure, text-based adventure, text-based game, text adventure game, choose your own adventure, interactive fiction,
            role play, roleplay, role-play, rp, murder mystery, scavenger hunt, card game concept, board game concept, game idea, game ideas, game concept, video game concept, funny story, funny poem, funny caption, funny captions, funny excuse, funny excuses, excuses, humorous, satirical article, onion article, onion headline, satirical news, wordplay, punchline, punchlines, yo mama, bit for, impression, charades, trivia night theme, escape room, treasure hunt, dares, truth or dare, would you rather, never have i ever, ice breaker, conspiracy theory, fake, prank call, npc, npcs, character class, dnd, d&d, tabletop, artifact, potion, homebrew, campaign""",
    ),
    Table(
        name="characters and names asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 2.4},
        entries="""
            character description, character sheet, character profile, character bio, villain, villains, antagonist, superhero, superheroes, heroes,
            heroine, protagonist, protagonists, supervillain, mascot, oc, original character, persona, alter ego, imaginary friend, imaginary, fantasy, alien alien race, species,
            fictional country, creature, creatures, mythical creature, pokemon, pokémon, deity, civilization,
            brand name, brand names, business name, business names, company name, company names, domain name, domain names, product name, product names, team name, team names,
            band name, band names, pet names, baby names, nickname, nicknames, username, usernames, gamertag, gamertags, channel name, podcast name, naming options, naming ideas,
            pseudonym, pen name, hashtag, hashtags, title ideas, catchy title, catchy titles, titles, title for, book title, book titles, video titles, blog titles, clickbait titles""",
    ),
    Table(
        name="perhaps fiction asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 1.8},
        entries="""
            hero, name, dragon, kingdom, character, characters, names, species, wizard, novel, legend, plot, verse, opera, musical, scenes, anime, episode, universe, lore, idea, prompt, activities for, concepts, pitch, listing""",
    ),
    Table(
        name="suggestions asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 1.0},
        entries="""
            strategies for, strategies to, ways to, tips, techniques, topics, keyword, approaches, challenges, activities, suggestions, initiatives, things to do, methods for, hobbies, """,
    ),
    Table(
        name="advertising asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 3.0},
        entries="""
            slogan, slogans, tagline, taglines, catchphrase, catchphrases, catch phrase, motto, mottos, headline, headlines, ad, ads, advert, adverts, advertisement, advertisements, advertising,
            ad copy, ad copies, ad campaign, ad script, advertising campaign, advertisement script, commercial, commercials, tv commercial, tv spot, radio spot, radio ad, print ad, facebook ad, facebook ads,
            google ad, google ads, instagram ad, copy, sales copy, web copy, website copy, marketing copy, landing page copy, creative copy, marketing material, marketing materials, marketing campaign,
            marketing campaigns, marketing slogan, marketing post, promo, promotional, promotional email, promotional text, promotional video, promotion, sales elevator pitch, pitch, sales letter, sales page,
            product description, product descriptions, listing, listing description, airbnb listing, etsy listing, property description, blurb, back-cover blurb, book blurb, press release headline, brochure, flyer, leaflet, poster, billboard, banner,
            banners, caption, captions, instagram caption, instagram captions, instagram post, facebook post, facebook posts, social media post, social media posts, social media ad, linkedin post, tweet, tweets, twitter viral tweet, tiktok, tiktok script,
            tiktok video, reel, reels, youtube short, video ad, call to action, brand story, value proposition, logo, logo ideas, clickbait, email campaign, email subject lines, subject lines, newsletter subject, ad headline, ad headlines, ad text, ad creative, advertising copy, banner ad, landing page headline, cta, brand manifesto, brand voice, brand slogan, company slogan, product launch, product tagline, product name, product pitch, positioning statement, unique selling proposition, hook, hooks, teaser email, youtube title, youtube titles, youtube description, video description, instagram bio, tinder bio, dating profile, dating bio, linkedin headline, fundraising copy, pun-filled, radio jingle, campaign slogan, campaign slogans, bumper sticker, t-shirt slogans, menu description, movie tagline, cold open, story hook, x post, thread, testimonial, testimonials""",
    ),
    Table(
        name="ideas asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 2.6},
        entries="""
            ideas, concept for, concepts for, creative ways, fun ways, unique ways, new ways, innovative ways, themes for, theme for, metaphors, simile, similes, analogy for a, prompts,
            writing prompts, image prompts, midjourney prompt, midjourney prompts, dall-e prompt, stable diffusion prompt, stable diffusion prompts, art prompt, art prompts, topics for, invention, angles, icebreakers, party games, gift ideas, creative uses, creative use, alternative uses, uses for a, unusual uses, fun facts about a fictional, startup idea, business idea, app idea, app ideas, invention idea, product ideas, product idea, costume ideas, decor ideas, event ideas, theme party, party themes, plot ideas, challenge ideas, science fair, art project, craft ideas, recipe ideas, cocktail name, thought experiment, slogan ideas, bucket list, fun creative activities, date night, potential titles, possible titles, possible names, image prompt, prompt for midjourney, prompts for midjourney, prompt for dall-e, visual concept, concept art, moodboard, metaphor for, metaphors for, analogy, pun for, team building activities, team-building, ice-breakers, activities, titles, blog titles, post titles, blog post titles, video ideas, nickname""",
    ),
    Table(
        name="brainstorming",
        points={"creative": 2.0},
        entries="""
            brainstorm, brainstorming, brain storm, braistorm, come up with, think of new, think up, dream up, invent an, invent some, ideate, envision, ideas for, ideas about, ideas on how, ideas on, ideas to, ideas of, ideas that,
            some ideas, any ideas, more ideas, new ideas, list ideas, list of ideas, name ideas, gift ideas, story ideas, business ideas, startup ideas, content ideas, project ideas, video ideas, party ideas, date ideas, creative ideas, innovative ideas, fun ideas, out of the box,
            out-of-the-box, creative ways, fun ways, unique ways, names for, name for my, name for a, name for an, name for our, name my, titles for, title for my, slogan for, slogans for, tagline for, topic ideas, blog post ideas, blog ideas, creative names, cool names, funny names,
            catchy names, unique names, catchy title, catchy name, what should i call, what should i name, what should we call, suggest names, suggest a name, suggest some names, potential names, naming, some creative, some fun, some unique, some cool, some funny, some unusual, fun things, things to do with, creative solutions, creative solution, creative way, creative names, most creative, get creative, creatively, unconventional, wild ideas, crazy ideas, a few ideas, bunch of ideas, give me ideas, need ideas, help with ideas, spitball, mind map, suggest ideas, suggest a title, what would be a good name, good name for, name suggestions, title suggestions, propose names, best name for, best names for, words to describe my, clever names, rebrand, make up a, make up an, make up some, what could i call, what can i call, what do i call, could i call it, should i call it, what to name, what to call, titles about""",
    ),
    Table(
        name="perhaps brainstorming",
        points={"creative": 1.2},
        entries="some interesting, think of a, think of some, suggest a few, suggest some, invent a, creative and, creative but, more creative, be creative, seo keywords, long tail keywords, keyword ideas, what are some",
        most=2.4,
    ),
    Table(
        name="lists of suggestions",
        points={"creative": 1.0},
        entries="""
            suggestions for, list strategies, share strategies, share tips, strategies for, strategies to, tips for, techniques for, techniques to, ways to, methods for, keywords, seo keywords, long tail keywords, initiatives, innovative, topics for, topics, examples of creative, hobbies""",
        most=1.6,
    ),
    Table(
        name="role play",
        points={"creative": 2.4},
        most=5.0,
        entries="""
            roleplay, role play, role-play, roleplaying, role-playing, role playing, stay in character, in character, break character, in-character, pretend to be, pretend you are, pretend you're, pretend that you, pretend that you're, pretend i am, pretend i'm, pretend as if,
            pretend like, let's pretend, let's play, act as, act as if, act like, acting like, you act as, you act like, behave like, behave as, talk like, speak like, respond as, reply as, answer as if, answer as, respond like, reply like, play the role, plays the role, playing the role, play the part, play a character,
            take on the role, take the role, assume the role, enter the role, in the role of, role of a, your role is, take on the persona, adopt the persona, adopt the role, assume the persona, persona of, impersonate, impersonating, embody, emulate, portray, channel your inner, channel the spirit, simulate a conversation, simulate being, simulate an,
            imagine you are, imagine you're, imagine yourself, imagine that you, imagine being, imagine if you, imagine we, imagine i am, imagine i'm, suppose you are, suppose you were, suppose you're, picture yourself, put yourself in, if you were a, if you were an, if you were the, as if you were, as if you are, as though you were, consider yourself,
            you will be playing, you will play, you will act, you are playing, you'll be playing, i will play, i'll play, i will be the player, we are playing, you play as, you play the, you are the dungeon master, dungeon master, game master, dungeons and dragons, dungeons & dragons, d&d, dnd, npc, speaking as, speak as, talk as, talk to me as, talk to me like, chat with me as, converse as, from now on you are, from now on you will, from now on, you are going to be, you are now, you are no longer,
            you were a, you woke up, you wake up as, you find yourself, in the voice of, from the perspective of, from the point of view of, point of view of, pov, first-person, through the eyes of, simulate, uwu, interrogate me, interview me as, my character, your character, i am your, be my be my boyfriend, jailbreak, dan mode, pretend yourself, embrace the role, embrace the persona, step into the role, step into the shoes, in the shoes of, you will be my, you will be a, you will be an, you'll be a, you'll act, please act, can you be, can you be my, could you be my, let's roleplay, let's rp, rp, let us play, let's do a, play a game, you begin, i start, begin the story, start the story, wait for my, respond in character, first person perspective, as a character, as the character, speaking in the voice, tell me about yourself, introduce yourself as, describe your day, describe your life, your daily life, what would you say to, how would you explain your, if i were, if you had, simulation game, text rpg, rpg, rpg game, choose-your-own-adventure, interactive story, interactive game, text adventure, text-based adventure, adventure game with me, play a text, i type commands, game with me, how would yoda, insult me, flirt with me, roast me, scold me, comfort me, greet me, stay in role, answer in character, your catchphrase, speak only as, only answer as, answer only as, reply only as, respond only as, you respond as""",
    ),
    Table(
        name="a role to play",
        where="opening",
        points={"creative": 2.0},
        entries="""
            you are a, you are an, you are the, you're a, you're an, you're the, you are my, you're my, you are in, you are now, you will be a, be my, picture this, what if, what would you do if, what would you say, what would happen if, how would you introduce, how would you describe your, how would you react,
            narrate, portray, embody, emulate, imitate, mimic, impersonate, enter the role, envision, channel, transform into, step into, become a, become the, dive into, unleash your, in a world where, in a world, in a distant, in the year, it was a, it is the year, there once was, a girl, a boy, a young, two friends, congratulations you, imagine a world, imagine a future, imagine a, imagine an, picture a world""",
    ),
    Table(
        name="perhaps a role",
        where="opening",
        points={"creative": 0.8},
        entries="""
            as a, as an, as the, be a, be an, i am a, i'm a, you have been, you will, your name is, my name is, suppose, imagine, imagine that, assume you, assume you are, assume that you, think like a, answer like a, describe a, describe the, describe how, describe yourself, there is a, there was a, one day""",
    ),
    Table(
        name="people to be",
        points={"creative": 0.7},
        most=1.4,
        entries="""
            pirate, knight, wizard, witch, vampire, werewolf, zombie, ghost, alien, robot, time traveler, time traveller, detective, king, queen, princess, prince, emperor, superhero, villain, chef, comedian, rapper, poet, novelist, storyteller, screenwriter, copywriter, songwriter, lyricist, playwright, ad expert, marketing expert, advertising expert, marketer, shakespeare, sherlock,
            batman, spider-man, iron man, darth vader, gandalf, harry potter, hogwarts, naruto, goku, elsa, yoda, dumbledore, socrates, einstein, medieval, colonist, colonizer, therapist, interviewer, tour guide, life coach, motivational coach, motivational speaker, fortune teller, astrologer, psychic, stand-up comedian, standup comedian, character from, sassy, grumpy, evil""",
    ),
    Table(
        name="manner of writing",
        points={"creative": 1.3},
        most=4.0,
        entries="""
            that must rhyme, rhymes, syllables, evocative, vivid, vividly, vivid imagery, imagery,
            heartwarming, heartfelt, enchanting, captivating, persuasive, eye-catching, attention-grabbing, attention grabbing, playful, romantic, hemingway, tarantino, happy ending, sad ending, bad ending, plot twist, twist ending, cliffhanger, show don't tell,             vividly detailed, excessively, words or more, dialogue, dialogues, dialogs, foreshadowing, internal monologue, third-person, fourth wall, style of a, once upon a time""",
    ),
    Table(
        name="form or voice asked for",
        points={"creative": 2.6},
        most=5.2,
        entries="""
            in the style of, in style of, in a style similar, as told by, as written by, style song, style poem, style story, speaking style, like a pirate, of a pirate, as a pirate, like shakespeare, like yoda, like a wizard, like a rapper, like a poet, like a villain, 's point of view, s point of view, s perspective""",
    ),
    Table(
        name="humour and fancy",
        points={"creative": 2.0},
        most=4.0,
        entries="""
            witty, whimsical, humorous, humorously, hilarious, hilariously, funny, sarcastic, satirical, comedic, comical, poetic, poetically, lyrical, spooky, eerie, cheesy, punny, catchy, clickbaity, punchy, whimsically, imaginative, imaginary, fictional, fictitious, made-up, silly, goofy, creepy, scary, makes people laugh, make people laugh, make me laugh, rhyme, rhymes, rhyming, rhymed, rhyme scheme,
            iambic pentameter, aabb, abab, suspenseful, dystopian, cyberpunk, steampunk, noir, gothic, shakespearean, dr seuss, dr. seuss, lovecraftian, sci-fi, fan-made, tongue-in-cheek, over the top, melodramatic, absurd, absurdist, surreal, nonsense, parody of, spoof of""",
    ),
    Table(
        name="literary form asked for",
        points={"creative": 4.5},
        most=4.5,
        entries="""
            in a haiku, in haiku, in a poem, in a limerick, in a rap, in a sonnet, as a poem, as a haiku, as a limerick, as a sonnet, as a song, as a rap, as a rap battle, as a story, as a short story, as a bedtime story, as a fairy tale, as a fairytale, as a fable, as a play, as a screenplay, as a sea shanty, as a ballad, as a nursery rhyme, as a joke, as a monologue, as a dialogue between, as a conversation between, in rhyme, in rhymes, in verse, in rhyming couplets, in iambic pentameter, in haiku form,
            in poem form, in poetic form, into a poem, into a story, into a song, into a rap, into a haiku, into a screenplay, into a fairy tale, into a limerick, form of a poem, form of a haiku, form of a story, form of a song, form of a sonnet, form of a dialogue, form of a fairy tale, form of a rap, form of a limerick, make it rhyme, must rhyme, should rhyme, every line rhymes""",
    ),
    Table(
        name="fiction",
        points={"creative": 1.0},
        most=2.4,
        entries="""
            storytelling, poems, poetry, poet, haiku, sonnet, limerick, verse, verses, stanza, stanzas, lyrics, lyric, song, songs, rap, ballad, chorus, screenplay, screenwriter, novel, fiction, fictional, fanfiction, fanfic, fan fiction, character, characters, protagonist, main character, antagonist, villain, hero, heroine, superhero, backstory, storyline, plot, plotline, prologue, chapter, scene, dialogue, monologue, narrator, narrative, tale, fairy tale, fairytale, fable, myth, legend, lore, worldbuilding, magic, magical,
            fantasy, dragon, dragons, wizard, witch, vampire, werewolf, zombie, pirate, pirates, mermaid, unicorn, elf, elves, orc, goblin, enchanted, castle, princess, prince, knight, warrior, sword, spaceship, alien, aliens, post-apocalyptic, apocalypse, time travel, time traveler, parallel universe, romance, crush, falls in love, fall in love, fell in love, love story, joke, jokes, pun, puns, riddle, parody, satire, comedy, sitcom, cartoon, anime, manga, comic, episode, crossover, slogan, tagline, jingle, brand,
            headline, advertisement, advertising, ad copy, marketing, sales pitch, copywriter, copywriting, landing page, product name, target call to action, captivate, audience, viral, bedtime, imagination, creatively, adventure, mysterious, mystery, haunted, heartbreak, angst, angsty, smut, yuri, yaoi, harem, isekai, wholesome, whispered, smiled, gasped, sighed, chuckled, giggled, grinned, bard, metaphors, hogwarts, star wars, marvel, dc comics, pokemon, naruto, game of thrones, lord of the rings, harry potter, sherlock holmes, spongebob, simpsons, family guy, star trek, doctor who, my little pony, sonic, mario, batman, superman, spider-man, godzilla, king kong, frankenstein, dracula, detective, noir, heist, assassin, mercenary, princesses, fairies, fairy, troll, giant, ogre, witches, wizards, sorcerer, sorceress, necromancer, prophecy, quest, throne, tavern, dungeon, spells, cursed, haunted house, creepy, monster, monsters, creature, creatures, demon, demons, angel, angels, goddess, mythical, robots, cyborg, android, sentient, starship, space station, bounty hunter, outlaw, cowboy, samurai, ninja, gladiator, narration, narrate, flashback, inner thoughts, love interest, she said, he said, she whispered, he whispered, grandmother, once upon, long ago, far away, teddy bear, talking animals, talking cat, lonely, heartbroken, longing, moonlight, whispers, nostalgia, melancholy, bittersweet, uplifting, epic, dramatic, drama, tragic, tragedy, thriller, horror, fantasy world, medieval, victorian, renaissance, futuristic, utopian, alternate universe, multiverse, cinderella, snow white, rapunzel, three little pigs, goldilocks, red riding hood, peter pan, alice in wonderland, robin hood, king arthur, zeus, thor, santa claus, easter bunny, tooth fairy""",
    ),
    Table(
        name="going on with a text",
        points={"creative": 2.4},
        entries="""
            continue the story, continue this story, continue my story, continue the scene, continue this scene, continue the following story, continue the narrative, finish the story, finish this story, finish the poem, complete the story, complete this story, ending to the story, ending for the story, next chapter, next part of the story, rewrite the story, rewrite this story, rewrite the ending, rewrite this scene, rewrite the scene, rewrite the lyrics, rewrite the song,
            add to the story, story about, stories about, poem about, poems about, song about, songs about, rap about, joke about, jokes about, haiku about, limerick about, novel about, tale about, tale of, scene where, scene in which, scene between, story in which, story where, story of a, story set in, set in the world of, episode of, episode where, short story, short stories, bedtime story, love story, fan fiction, rap battle, song lyrics, the lyrics, dialogue between, conversation between, writing prompt, creative writing, make it funny, make it rhyme, write about a character, retell the story, retell this, what they say, what happens next, then what happens, tell what happens, in the universe of, set in the universe, write a continuation, write the ending, write the next, write chapter, chapter one, chapter 1, chapter 2, part two of""",
    ),
    Table(
        name="not for a storyteller",
        points={"creative": -2.0},
        entries="""
            story point, story points, user story, user stories, history of, true story, news story, success story, jira, full story, two-story, story building, story house, character encoding, character set, special character, special characters, unicode character, characters long, character string, character array, characters in the string, file name, file names, column name, column names, table name, variable name, variable names, function name, class name, name column,
            plot a, plot the, scatter plot, bar plot, box plot, line plot, data story, cash flow, gene name, poetic justice, character limit, what song, which song, name of the song, which novel, who wrote, who sang, song meaning, meaning of the song, meaning of the poem, meaning of the song, poem mean, moral of, main idea, main ideas, key ideas, central idea, business idea feasible, first name, last name, full name, domain name system, search engine, terms of service, action items, story behind, story of the, stories behind, commentary on, story structure, story arc""",
    ),
)
