"""English words that speak for advertising, names and ideas."""

from __future__ import annotations

from langchain_novastack.policies.vocabulary import Table

IDEA_TABLES: tuple[Table, ...] = (
    Table(
        name="suggestions asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 1.0},
        entries="""
            strategies for, strategies to, ways to, topics, challenges, activities, suggestions, initiatives,
            things to do""",
    ),
    Table(
        name="advertising asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 3.0},
        entries="""
            slogan, slogans, tagline, taglines, catchphrase, catchphrases, catch phrase, motto, mottos, headline,
            headlines, ad, ads, advert, adverts, advertisement, advertisements, advertising, ad copy, ad copies, ad
            campaign, ad script, advertising campaign, advertisement script, commercial, commercials, tv commercial, tv
            spot, radio spot, radio ad, print ad, facebook ad, facebook ads, google ad, google ads, instagram ad, copy,
            sales copy, web copy, website copy, marketing copy, landing page copy, creative copy, marketing material,
            marketing materials, marketing campaign, marketing campaigns, marketing slogan, marketing post, promotional,
            promotional email, promotional text, promotional video, promotion, pitch, sales letter, sales page, product
            description, product descriptions, listing, listing description, airbnb listing, etsy listing, property
            description, back-cover blurb, book blurb, press release headline, brochure, flyer, leaflet, poster,
            billboard, banner, banners, caption, captions, instagram caption, instagram captions, instagram post,
            facebook post, facebook posts, social media post, social media posts, social media ad, linkedin post, tweet,
            tweets, tiktok, tiktok script, tiktok video, reel, reels, youtube short, video ad, call to action, brand
            story, value proposition, logo, logo ideas, clickbait, email subject lines, subject lines, newsletter
            subject, ad headline, ad headlines, ad text, ad creative, advertising copy, banner ad, landing page
            headline, cta, brand manifesto, brand voice, brand slogan, company slogan, product launch, product tagline,
            product pitch, positioning statement, unique selling proposition, hook, hooks, teaser email, youtube title,
            youtube titles, youtube description, video description, instagram bio, tinder bio, dating profile, dating
            bio, linkedin headline, fundraising copy, pun-filled, radio jingle, campaign slogan, campaign slogans,
            bumper sticker, t-shirt slogans, menu description, movie tagline, cold open, story hook, x post, thread,
            testimonial, testimonials, sales pitch, elevator pitch, twitter post, twitter thread, viral tweet, sales
            copy for, ad for, advert for, commercial for, campaign for, billboard for, slogan and, mascot and, jingle
            for, tagline and, ad slogan, headline for an ad, landing page text, hero section copy, about page copy,
            product page, radio commercial, radio advertisement, tv ad, tv advert, video commercial, print
            advertisement, newspaper ad, classified ad, craigslist ad, job ad parody, kickstarter pitch, pitch for a,
            promo text, promo copy, launch tweet, caption for, captions for, pinterest, snapchat, etsy description,
            amazon listing, ebay listing, description for a handmade, wine label, menu descriptions, cta buttons, sms
            campaign, ad variations, ad concepts, ad ideas, ad slogans, linkedin posts""",
    ),
    Table(
        name="ideas asked for",
        where="asked",
        verbs=("making",),
        points={"creative": 2.6},
        entries="""
            ideas, concept for, concepts for, creative ways, fun ways, unique ways, new ways, innovative ways, themes
            for, theme for, metaphors, simile, similes, analogy for a, prompts, writing prompts, image prompts,
            midjourney prompt, midjourney prompts, dall-e prompt, stable diffusion prompt, stable diffusion prompts, art
            prompt, art prompts, topics for, invention, angles, icebreakers, party games, gift ideas, creative uses,
            creative use, alternative uses, uses for a, unusual uses, fun facts about a fictional, startup idea,
            business idea, app idea, app ideas, invention idea, product ideas, product idea, costume ideas, decor ideas,
            event ideas, theme party, party themes, plot ideas, challenge ideas, science fair, art project, craft ideas,
            recipe ideas, cocktail name, thought experiment, slogan ideas, bucket list, fun creative activities, date
            night, potential titles, possible titles, possible names, image prompt, prompt for midjourney, prompts for
            midjourney, prompt for dall-e, visual concept, concept art, moodboard, metaphor for, metaphors for, analogy,
            pun for, team building activities, team-building, ice-breakers, activities, post titles, blog post titles,
            video ideas, ideas for, unique ideas, creative ideas, some ideas, concept, concepts, original ideas, twist
            endings, twist ending, twists, plot points, possible endings, writing prompt, story starters, conversation
            starters, date ideas, party ideas, theme ideas, activity ideas, gift idea, ways to surprise, ways to
            propose, prank ideas, lesson ideas, content ideas, post ideas, tweet ideas, reel ideas, tiktok ideas,
            podcast ideas, episode ideas, tattoo ideas, logo concepts, design ideas, game mechanics, game mechanic,
            product concepts, campaign ideas, fundraiser ideas, fundraising ideas, halloween costumes, costume,
            costumes, team name ideas, mural, theme and, theme and decorations, themed party, party theme, unusual uses
            for, ways to prank, decorations for, themes, flavours, flavors, unusual themes, video concepts, show set in,
            wild idea, idea for, an idea for""",
    ),
    Table(
        name="brainstorming",
        points={"creative": 2.0},
        entries="""
            brainstorm, brainstorming, brain storm, braistorm, come up with, think of new, think up, dream up, invent
            an, invent some, ideate, ideas for, ideas about, ideas on how, ideas on, ideas to, some ideas, any ideas,
            more ideas, new ideas, list ideas, list of ideas, name ideas, gift ideas, story ideas, business ideas,
            startup ideas, content ideas, project ideas, video ideas, party ideas, date ideas, creative ideas,
            innovative ideas, fun ideas, out of the box, out-of-the-box, creative ways, fun ways, unique ways, names
            for, name for my, name for a, name for an, name for our, name my, titles for, title for my, slogan for,
            slogans for, tagline for, topic ideas, blog post ideas, blog ideas, creative names, cool names, funny names,
            catchy names, unique names, catchy title, catchy name, what should i call, what should i name, what should
            we call, suggest names, suggest a name, suggest some names, potential names, some creative, some fun, some
            unique, some cool, some funny, some unusual, fun things, things to do with, creative solutions, creative
            solution, creative way, most creative, get creative, creatively, unconventional, wild ideas, crazy ideas, a
            few ideas, bunch of ideas, give me ideas, need ideas, help with ideas, spitball, mind map, suggest ideas,
            suggest a title, what would be a good name, good name for, name suggestions, title suggestions, propose
            names, best name for, best names for, words to describe my, clever names, rebrand, make up a, make up an,
            make up some, what could i call, what can i call, what do i call, could i call it, should i call it, what to
            name, what to call, titles about, original names, original name, original ideas, clever name, catchy name
            for, funny name, cool name, perfect name, names of fictional, help me name, help name, help naming, think of
            a name, think of names, think of a clever, come up with ideas, give me a name, suggest titles, activity
            ideas, costume ideas, theme ideas, decoration ideas, fundraising ideas, ideas please, title ideas, caption
            ideas, logo ideas, ideas i can, any creative, unusual ways, novel ways, weird ways, hypothetical product,
            name this, title for this, caption this, caption for this, a catchy name for, a cool name for, a funny name
            for, a good name for, naming, good title for, a title for a, title for a memoir, name would you give, some
            original, some clever, some quirky, some wacky, some weird, some interesting ways, some fun ways, some cool
            ways, things i could do with, things i can do with, things to do with old, could i do with, can i do with
            old, can i make with, could i make with, can i make from, could i make from""",
    ),
    Table(
        name="perhaps brainstorming",
        points={"creative": 1.2},
        most=2.4,
        entries="""
            think of a, think of some, suggest a few, suggest some, invent a, creative and, creative but,
            more creative, be creative, what are some, ideas, fun activities, what are some fun,
            what are some creative, what could i, original name, unique and catchy, unusual original, seo keywords,
            long tail keywords, keyword ideas, idea for a, ideas i could, fun and unique, unique and""",
    ),
    Table(
        name="lists of suggestions",
        points={"creative": 1.0},
        most=1.6,
        entries="""
            suggestions for, list strategies, share strategies, share tips, strategies for, strategies to, tips for,
            techniques for, techniques to, ways to, methods for, keywords, seo keywords, long tail keywords,
            initiatives, innovative, topics for, topics, examples of creative""",
    ),
)
