"""English words that open a request, that speak for everyday work, or that go on with what was said before."""

from __future__ import annotations

from langchain_novastack.policies.lookup import FOLLOW_UP
from langchain_novastack.policies.vocabulary import Table

GENERAL_TABLES: tuple[Table, ...] = (
    Table(
        name="courtesies",
        where="courtesy",
        entries="""
            please, plz, pls, kindly, can, could, would, will, you, u, i, want, wanna, need, needs, to, like, i'd, id, help, me, us, hi, hello, hey, ok, okay, so, well, now, and, then, also, just, let's, lets,
            chatgpt, gpt, bot, ai, assistant, dear, must, should, have, love, looking, for, task, your, list, come""",
    ),
    Table(
        name="making",
        where="verb",
        entries="""
            write, writes, writing, written, compose, composes, create, creates, creating, make, makes, making, generate, generates, generating, craft, crafting, draft, drafting, produce, build, building, implementing, develop, developing, design, designing, give, tell, invent, need, pen, provide, add,
            finish, continue, continuing, construct, suggest, propose, prepare, rewrite, rewriting, turn, convert, transform, help, sing, share, recite, narrate, expand, extend, complete, imagine, send, brainstorm, outline, rap, wirte, wriet, wrtie, rite, creat, crate, genrate, genarate, compse, conjure, whip, spin, weave, adapt, think of, make up, reimagine, retell, retelling, improvise, concoct, dream up, storyboard, """,
    ),
    Table(
        name="turning to the subject",
        where="closer",
        entries="about, from, on, regarding, that, which, who, because, where, when, if, for a, for an, for the, for our, for your, based, between, using, how, what, why",
    ),
    Table(
        name="not a bare request",
        where="opening",
        entries="the, i, i'm, he, she, we, they, it, this, that, these, there, in, on, at, my, his, her, people, if, some, all, one, two, when, after, before, since, as",
    ),
    Table(
        name="everyday writing asked for",
        where="asked",
        verbs=("making",),
        points={"creative": -1.2, "code": -1.3},
        entries="""
            email, emails, e-mail, e-mails, mail, letter, letters, cover letter, recommendation letter, report, reports, essay, essays, argumentative essay, summary, summaries, memo, resume, cv, article, articles, blog, blog post, blogpost, paragraph, paragraphs, analysis, book review, literature review, plan, plans, business plan, lesson plan, meal plan, study plan, workout plan, proposal, agenda, recipe, recipes, itinerary, explanation,
            definition, definitions, overview, introduction, abstract, conclusion, thesis, dissertation, paper, research paper, assignment, statement, personal statement, minutes, guide, tutorial, comparison, checklist, contract, agreement, translation, answer, answers, quiz, exam, information, advice, steps, instructions, policy, difference, differences, sentence, sentences, example, examples, synonym, synonyms, bullet points, press release,
            presentation, table, job description, terms and conditions, reply, response, message, references, facts, feedback, history of, title and abstract, executive summary, job posting, lease, cease and desist, will, legal document, notice, complaint, invitation, survey, questionnaire, faq, faqs, manual, curriculum, course, schedule, timetable, budget, outline of the, essay outline, movie review, reviews, interview questions, quiz questions, list of questions, 5 questions, 10 questions, questions about, questions for, discussion questions""",
    ),
    Table(
        name="analysis",
        where="opening",
        points={"creative": -1.8},
        entries="""
            explain, explaining, analyze, analyse, research, compare, contrast, define, identify, categorize, evaluate, assess, critique, solve, calculate, compute, determine, rank, rate, choose, select, pick, answer, discuss, elaborate, examine, interpret, investigate, review, prove, estimate, detect, given,
            the following is, the following paragraph, here is an article, here is a, here are, based on, according to, use the following, passage, article, question, premise, arrange, sort, fill in, recommend, advise, label, predict, what's the, check, """,
    ),
    Table(
        name="work on a text",
        where="opening",
        points={"creative": -2.2, "code": -1.3},
        most=2.6,
        entries="""
            translate, proofread, correct, paraphrase, rephrase, reword, polish, summarize, summarise, sumarize, summary of, extract, classify, categorize, grammar check, spell check, fix the grammar, fix my grammar, tldr, edit, simplify, improve, read the, spot the, highlight the, transcribe, shorten, condense, identify the, find the main, what is the main idea, convert the following text, make this sound, rewrite this email, rewrite this sentence, rewrite this paragraph, rewrite the following""",
    ),
    Table(
        name="questions",
        where="opening",
        points={"creative": -1.2},
        entries="""
            who, whom, whose, when, where, which, why, what what are the, what what what does, what what what's, whats, what happened, what kind, what type, what causes, what percentage, what year, what should i do, how, how do, how does, how did, how to, how can i, how many, how much, how long, how is, how how was,
            is, is it, is there, is this, are there, was, were, does, do, did, can i, should i, could there, would it, in what, in which, at what, to what, from which, tell me about, tell me more, tell me what, tell me how, tell me why, i have a question, i was wondering, explain why, explain how, let's think""",
    ),
    Table(
        name="schoolwork and reading",
        points={"creative": -1.0, "code": -0.6},
        most=2.5,
        entries="""
            passage, the passage, the article, this article, following article, this paragraph, following paragraph, following text, this text, text above, the text, according to the, multiple choice, options, choices, true or false, correct answer, answer the, answer:, final answer, choose the, grammar, grammatical, spelling, sentiment, classify, category, summarize, summarise, summary, summaries, keywords from, key points, main points, translate, translation, paraphrase,
            rephrase, citations, cite, references, scientific, peer review, research, abstract, hypothesis, thesis, study, statistical, dataset, contract, lease, agreement, legal, court, clause, plaintiff, invoice, hereby, applicant, job application, cover letter, resume, my resume, cv, position, hiring, interview questions, email, e-mail, dear sir, sincerely, best regards, recipe, ingredients, symptoms, doctor, medication, diagnosis, treatment, visa, tax,
            tripadvisor, wikipedia, quora, recommend, recommendation, recommendations, pros and cons, advantages, disadvantages, comparison, compare, difference between, differences between, step by step, step-by-step, explain""",
    ),
    Table(
        name="going on",
        points={FOLLOW_UP: 1.0},
        most=3.0,
        entries="""
            it, its, that, this, these, those, them, they, one, ones, he, she, him, her, his, above, previous, last one, first one, second one, third one, same, again, another, another one, one more, more, else, instead, also, too, as well, now, then, next, but, and, or, okay, ok, still, already, rather, better, faster, shorter, longer, simpler, shorten, lengthen, cleaner, darker, lighter, funnier, sadder, happier, scarier, sillier, smaller, bigger, stronger, weaker, different, differently, other, version, versions, variation, variations, alternative, alternatives, option, less, fewer, much, even, make, change, add, remove, replace, rename, use, using, keep, without, with, fix, try, redo, rewrite, revise, undo, convert, turn, expand, extend, continue, go on, keep going, carry on, and then, proceed, finish, elaborate, why, why not, how so, what about, how about, what if, can you, could you, please, line, lines, part, paragraph, ending, end, beginning, start, title, word, words, the first, the second, the third, the last, the output, the result, works, doesn't work, not working, didn't work, does not work, still not, still fails, still broken, wrong, incorrect, not quite, almost, good, great, nice, perfect, thanks, thank you, love it, like it, hate it, yes, no, nope, yeah, sure, hmm, do it, in spanish, in french, in german, in english, in chinese, in japanese, in python, in java, in rust""",
    ),
    Table(
        name="referring back",
        points={FOLLOW_UP: 2.0},
        most=4.0,
        entries="""
            make it, make that, make them, make this, do it, do that, do the same, same thing, same for, rewrite it, change it, change that, change the, fix it, fix that, fix this, add a, add an, add some, add more, add another, remove the, replace the, try again, once more, one more, another one, give me another, more of, more like, some more, a few more, five more, ten more, three more, two more, 10 more, 5 more, 3 more, continue, go on, keep going, carry on, proceed, next one, and then, then what, what happens next, shorter, longer, faster, shorten it, expand on, expand it, elaborate, you said, you wrote, you gave, you mentioned, you forgot, you missed, your answer, your code, your last, your previous, your first,
            the first one, the second one, the third one, the last one, the previous one, the other one, number 1, number 2, number 3, number one, number two, number three, first option, second option, that's not, that is not, it's not, it is not, it doesn't, it does not, doesn't work, didn't work, not working, still getting, same error, what about, how about, why did, why does it, why is it, why do you, does it, can it, is it, will it, would it, should it, now make, now do, now add, now write it, now rewrite, now change, now use, now with, now in, and in, but in, but with, but for, but make, instead of, less formal, more formal, too long, too short, too slow, too formal, not funny, i don't like, i like, i love, why so, explain it, explain that, explain the, explain your""",
    ),
    Table(
        name="something new",
        points={FOLLOW_UP: -3.0},
        most=6.0,
        entries="""
            new topic, new question, different question, another question, unrelated, on another note, different topic, change of topic, change of subject, changing topics, switching gears, by the way, btw, separately, forget that, forget it, forget about, moving on, something else, capital of, population of, weather, recipe, recipe for, recommend, recommendation, restaurant, restaurants, hotel, flight, president, write an email, write a letter, write an essay, write a report, email to my, letter to my, cover letter, summarize this article, summarize the following, translate the following, translate this sentence, difference between, what is a, what is an, who is, who was, who invented, who wrote, when was, when did, where is, where can i, how many people, how tall, how old, how far, how do i cook, how do i get, how long does, should i, i want to buy, i am planning, i'm planning, i am looking for, symptoms, calories, tax, mortgage""",
    ),
)
