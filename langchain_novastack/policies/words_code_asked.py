"""English words that speak for code where they are asked for, and words that speak against it."""

from __future__ import annotations

from langchain_novastack.policies.vocabulary import Table

ASKED_CODE_TABLES: tuple[Table, ...] = (
    Table(
        name="implementing",
        where="opening",
        points={"code": 1.3},
        most=1.3,
        entries="""
            implement, implement a, implement an, implement the, debug, refactor, containerize, deploy, scrape, parse,
            unit test, port this, write code, optimise this, optimize this query, given an array, given an integer,
            given a string, given two integer, given two strings, given a list of integers, given an integer array,
            given a binary, given the root, given the head, given two arrays, given a matrix, given a sorted, given a
            linked, given an unsorted, given a sequence, given a 2d, given s1, given two sorted, you are given a string,
            you are given an array, you are given an integer, you are given two, you are given n, code a, how do i
            scrape, how to scrape, scrape the, scrape all""",
    ),
    Table(
        name="how it is done in code",
        points={"code": 0.9},
        most=3.6,
        entries="""
            return the, returns the, return true, return false, returns true, returns false, return value, return an
            array, return a list, returns a list, return the number, return the length, return the maximum, return the
            minimum, 0-indexed, 1-indexed, zero-indexed, nums, nums1, input format, output format, sample input, sample
            output, test case, test cases, an integer array, integer array, array of integers, array of strings, list of
            integers, subarray, subarrays, subsequence, substring, contiguous, in-place, in place, ascending order,
            descending order, sorted order, n x n, m x n, 2d array, 2d grid, binary string, level order, traversal,
            preorder, inorder, postorder, linked list, node, root node, tree node, time limit, modulo 10, edge cases, o
            n log n, o 1 space, extra space, distinct integers, positive integer n, k-th, kth largest, kth smallest,
            number of ways, sudoku, parking lot, elevator system, vending machine, bounded queue, thread-safe, get key,
            put key, overlapping intervals, adjacency, shortest path, dfs, bfs, breadth-first, depth-first,
            backtracking, sliding window, two pointers, memoization, min-heap, max-heap, hash set, hashset, hash
            function, constructor, getter, setter, overload, overloaded, override, overriding, overrides, static method,
            static methods, private method, virtual function, interface segregation, generics, generic type, type
            parameter, type hint, type hints, nullable, null safety, nullpointer, undefined behavior, undefined
            behaviour, uninitialized, dereference, segfaults, iterable, iterate over, iterating, list comprehension,
            dict comprehension, key-value pairs, mutable, immutable, borrow checker, lifetime annotation, goroutine,
            goroutines, channel read, coroutine, coroutines, promise.all, event listener, event handler, onclick,
            addeventlistener, queryselector, innerhtml, state variable, rerender, re-render, re-renders, rendering,
            virtual dom, ssr, hydration, css grid, z-index, min-width, max-width, px, rem units, aspect ratio,
            scrollbar, placeholder text, autocomplete, input field, html form, viewport height, listview, linearlayout,
            constraintlayout, recyclerview, unbounded height, viewmodel, observableobject, storyboard segue, tableview,
            rigidbody, gameobject, prefab, collider, sprite, spritesheet, raycast, shader, navmesh, nested document,
            upsert, aggregate pipeline, active record, transaction isolation, deadlocks, indexes, auto increment,
            autoincrement, uuid, uuids, normalise, normalize the schema, third normal form, query plan, full table scan,
            cte, window function, partition by, varchar, timestamptz, nested loops, countif, sumif, sumifs, countifs,
            index match, array formula, arrayformula, pivot tables, cell references, named range, worksheet, workbook,
            merged cell, duplicates in a column, text to columns, http request, http requests, post request, get
            request, interceptor, status code, status codes, 404, 413, 500 error, 502, 503, timeout error, cors error,
            ssl certificate, tls, dns lookup, load balancer, reverse proxy, socket, sockets, port forwarding, ssh
            tunnel, known_hosts, cron expression, environment variable, .env, base image, multi-stage, image layer,
            volume mount, kube, namespace, node_modules, package.json, lockfile, peer dependency, dependency tree,
            resolving dependencies, virtual environment, site-packages, wheel file, working tree, cherry-pick, cherry
            pick, detached head, force push, non-fast-forward, merge commit, git push, git pull, git log, git stash, git
            reset, git checkout, hotfix, stdout, exit status, log file, log lines, parse a log, trailing whitespace,
            line endings, newline, newlines, escape character, escape sequence, quotes escaped, colored text, terminal
            output, progress bar in the terminal, huge file, huge log, large file line, file handle, binary file, file
            upload, multithreaded, multiprocessing, thread pool, async function, event loop, blocking call, race
            conditions, retry logic, exponential backoff, singleton, observer pattern, strategy pattern, factory method,
            mvc, mvvm, monad, monads, functor, currying, higher-order function, pure function, tail recursion, lazy
            evaluation, memory allocation, heap memory, stack memory, cache miss, bit manipulation, bitmask, endianness,
            floating point, floats, rounding error, overflow error, integer overflow, big-o, amortized, arraylist,
            treemap, stringbuilder, vec, hashmaps, printf, scanf, cout, cin, malloc, free twice, strcmp, argparse,
            kwargs, lambda, decorators, dataclass, dataclasses, enum, enums, struct, structs, typedef, pointer to, void
            pointer, template class, header files, makefile target, linker, linker error, dll hell, interrupt handler,
            microcontroller, baud rate, serial port, breadboard code, led blinks, model.fit, loss function is nan,
            tensor, tensors, gpu memory, cuda out of memory, checkpoint file, tokenizer error, embeddings, groupby,
            merge two dataframes, reshape, long to wide, wide to long, missing values, nan values, datetime, date
            format, iso date, iso dates, time zone conversion, unix timestamp, epoch time, string formatting, regex
            group, lookahead, capture group, greedy match, camelcase, snake case, snake_case, json file, json response,
            json object, xml file, yaml file, csv, csv file, csv files, save them as csv, to csv, web scraping, html
            canvas, svg path, canvas element, game loop, drag and drop, login system, user authentication, session
            token, access token, refresh token, hash passwords, password hashing, bcrypt, sql joins, orm, spring bean,
            autowired, servlet, maven dependency, gradle build, apk, podfile, swift package, nuget, artisan, blade
            template, jinja, template engine, middleware function, route handler, rest endpoint, api endpoint, api
            response, webhook, websocket, message queue, pub sub, rabbitmq, redis cache, worker process, background job,
            feature flag, unit tested, mocks, fixture, fixtures, code coverage, linter error, static analysis, ci job,
            release branch, semantic versioning, changelog file, open source library, undo redo, undo/redo, the
            debugger, breakpoint, breakpoints, stack frame, call stack, stacktrace, on safari, in chrome, in safari, in
            firefox, set cookies, session cookies, http headers, request headers, env file, squash my, squash commits,
            git squash, at build time, in column a, in column b, in column c, in column d, if column a, sum column b,
            hash collisions, js promise, binary heap, on an m x n grid, css overflow, overflow the parent, keep cookies,
            use a proxy, parent component, child component, child to parent, from child to parent, pass data, pass
            props, component state, monorepo, two criteria, multiple criteria, entire row, without newline, by the
            second element, list of tuples, unique values, in an array, of an array, optional parameters, default
            parameter, default arguments, use of yield, foreign keys, textarea, background image, without blocking, git
            history, secondary axis, plot the results, monte carlo simulation, ignoring time, given a list of, list of
            intervals, validate uniqueness, across two columns, three tables, json body, open in a new, dto, dtos,
            models with variants, command line game, hangman, contains only digits, redirect www, async reset, 4 bit,
            auto clicks, user script, tampermonkey, greasemonkey, new tab in html, in a new tab, the main thread, query
            params, query parameters, query string, url params, unique_ptr, shared_ptr, smart pointer, generator vs,
            special characters from a string, except underscores, remote branch, rename branch, on the remote,
            palindromic substring, rectangles overlap, drop duplicates, keeping latest, iteratively, recursively, early
            return, early returns, websocket echo, echo server, mouse click, click outside, outside a component, valid
            token, returns 401, returns 403, returns 404, returns 500, hide the scrollbar, watch doesn't fire, array
            element, could not be broadcast, broadcast together, process and a thread, thread and a process, processes
            and threads, threads and processes, stack and heap, stack and a queue, pass by value, pass by reference,
            side by side in latex, more than their managers, find the bug, spot the bug, this bug, last day of the month
            in, split full names, code sample, single file html, dicts, two dicts, shared keys, refs to origin, failed
            to push, arrow function, arrow functions, knapsack, travelling salesman, traveling salesman, n queens,
            n-queens, dynamic-programming, profile memory, long running worker, session storage, local storage,
            localstorage, indexeddb, gzip, gzip compressed, blueprints, in blueprints, formula to extract, from a cell,
            into cells, brew doctor, unlinked kegs, batch file, pointers to pointers, pointer to pointer, wildcard
            generics, unused javascript, lighthouse report, in place string, reverses a string, flatten a nested, nested
            list of, collapses on, escrow contract, solidity contract, memcached, cpu bound, io bound, sharding,
            replication lag, p99, load test, unit-test, unit-tests, class diagram for, fork the repo, pr review, merge
            request, dp solution, greedy and""",
    ),
    Table(
        name="tasks of programmers",
        points={"code": 0.5},
        most=1.5,
        entries="""
            how to check if an object, how to convert a string, how to split a string, how to split an array, how to
            print, how to read a file, how to write a file, how to reverse a string, how to sort, how to parse, how to
            iterate, how to loop, how to override, how to compile, how to query, how to select only, how to select, how
            to remove duplicates, how to count, how to merge two, how to concatenate, how to initialize, how to declare,
            how to pass, how to kill, how to disable, how to enable, how to get the, how can i set, how do i set, how do
            i pass, how do i run, how do i split, how do i check, how do i convert, how do i disable, how do i read, how
            do i print, what is the right way, won't work, doesn't update, does not update, doesn't show, not showing,
            fails with, fails when, throws, getting error, i get an error, getting an error, it throws, it crashes,
            returns undefined, returns null, gives 0, opens nothing, hangs at, is stuck at, runs twice, what am i
            missing, what am i doing wrong, what's wrong with, why is my, why does my, explain what happens, step
            through, app crashes, crashes on, my api, the menu breaks, on mobile, on desktop, thread safe, is this
            thread safe, securely store, store passwords, web app's, put two figures, figures side by side, excel:,
            python:, pandas:, sql:, how to detect, how to keep only, how to check if, how to check whether, how to make
            a post, how to mock, how can i mock, how do i add a column, how do i make a link, how to render, how to
            center, how to style, how to structure, how should i structure, how should i model, i keep getting, keeps
            crashing, keep getting, when my page, page loads, my page, my app, the component, a table from, in 5
            languages, keeps failing, crashes when, fails to start, stuck in, throws an, how do i scrape, scrape a""",
    ),
    Table(
        name="artefacts of code",
        where="asked",
        verbs=("making", "building"),
        points={"code": 2.6},
        entries="""
            function, functions, script, scripts, code, codes, source code, regex, regexp, regular expression,
            subroutine, endpoint, endpoints, unit test, unit test case, test cases, testcase, tests, unittest,
            dockerfile, docker compose, config, playbook, workflow file, webpage, web page, landing page in html,
            web app, macro, macros, algorithm, plugin, chrome extension, browser extension, parser, scraper,
            crawler, implementation, makefile, snippet, cli, gui, tkinter, syntax, one-liner, oneliner,
            microservice, shader, compiler, daemon, cronjob, cron job, pseudocode, pseudo code, constructor,
            decorator, iterator, calculator, tic tac toe, snake game, tetris, chess engine, game in python,
            game in javascript, todo list app, to-do list app, todo app, stored procedure, data structure,
            linked list, binary tree, stack class, queue class, smart contract, neural network, lambda, for loop,
            while loop, if statement, dataframe, hashmap, login page, navbar, dropdown, bot, readme, docstring,
            docstrings, type hints, error handling, backend, frontend, crud, rest api, login form, contact form,
            sign-up form, web form, navigation bar, discord bot, telegram bot, slack bot, twitter bot, html page,
            single page, single-page, landing site, to-do app, calculator app, weather app, chat app, game of life,
            minesweeper, sudoku solver, flappy bird, chess game, 2d game, html game, browser game, platformer,
            roblox script, userscript, bookmarklet, github action, github actions, workflow yaml, pipeline yaml,
            helm chart, terraform, ansible playbook, cron expression, systemd unit, systemd service, nginx config,
            graphql api, grpc service, websocket server, api wrapper, cli tool, command line tool, orm model,
            sql migration, database schema, er diagram, erd, uml diagram, class diagram, sequence diagram, mermaid,
            three.js, animation in css, css animation, javafx, jupyter notebook, data pipeline, etl, thread pool,
            connection pool, object pool, rate limiter, lru cache, priority queue, hash map, trie, bloom filter,
            state machine, event loop, scheduler, tokenizer, lexer, interpreter, validator, serializer,
            deserializer, arduino sketch, firmware, kernel, bootloader, mod for minecraft, minecraft plugin,
            shell alias, git hook, pre-commit hook, excel macro, spreadsheet formula, google sheets formula,
            insert statements, sql statements, test data, mock data, seed data, dummy data, json schema,
            openapi spec, swagger, expert advisor, trading bot, backtest, indicator in pine, dataclass, struct,
            abstract class, singleton, factory pattern, decorator that, middleware, custom hook, react hook,
            vue component, web component, parser for, sorting algorithm, implementation of, code for, code to,
            code that, program to, program that, program which, function that, function to, function which,
            script that, script to, query that, query to, solution in, one liner, neural net, classifier in,
            random forest, unit tests, integration tests, test suite, e2e tests, crawler for, svg, in svg,
            sdk client, converter class, react component, a website, website, smart contract for, solidity contract,
            contract in solidity, batch file, 3 column layout, column layout, css layout, assembly routine""",
    ),
    Table(
        name="programs that make texts",
        where="asked",
        verbs=("making", "building"),
        points={"code": 2.6},
        entries="""
            poem generator, story generator, joke generator, lyrics generator, name generator, password generator,
            quote generator, text generator, story class, song class, story app, poem app, joke app, story website,
            text adventure engine, game engine, character class in, name validator, story database, poem database,
            game server, quiz app, recipe app, blog app, blog website, portfolio website, website for, game using,
            random number generator""",
    ),
    Table(
        name="things programs are made of",
        where="asked",
        verbs=("making", "building"),
        points={"code": 1.2},
        entries="""
            application, app, website, form, tests, statement, component, components, query, queries, database,
            mobile app, chatbot, bot, class, classes, method, methods, program, programs, simulation, library,
            package, interface, command, commands, pipeline, extension, logging, schema, trigger, hook, json, xml,
            csv, yaml, interpreter, string, strings, integer, integers, array, arrays, variable, variables, api,
            apis, formula, server, module, procedure, button, dictionary, loop, repository, html, css, javascript,
            sql, java, python, c++, c#, php, bash, ruby, typescript, react, matlab, powershell, vba, tuple, element,
            elements""",
    ),
    Table(
        name="operating verbs",
        where="verb",
        entries="""
            find, list, print, display, show, count, remove, delete, copy, move, rename, archive, compress, extract,
            decompress, unzip, search, replace, change, set, append, prepend, kill, mount, unmount, sort, split,
            join, merge, concatenate, convert, recursively, get, check, download, upload, run, execute, output,
            create, redirect, read, save, send, enable, disable, install, uninstall, update, upgrade, export,
            import, filter, select, insert, query, fetch, calculate, compute, return, reverse, swap, rotate,
            flatten, parse, validate, iterate, loop, access, add, assign, call, catch, throw, log, define, declare,
            initialize""",
    ),
    Table(
        name="building",
        where="verb",
        entries="""
            implement, implements, implementing, code, program, develop, developing, fix, debug, deploy, refactor,
            port, containerize, script, automate, set up, scrape""",
    ),
    Table(
        name="things on a computer",
        where="asked",
        verbs=("operating verbs",),
        points={"code": 2.0},
        entries="""
            file, files, directory, directories, folder, folders, subdirectories, subdirectory, symlink, symlinks,
            symbolic links, process, processes, port, ports, disk usage, disk space, cpu usage, memory usage,
            timestamp, hostname, ip address, mac address, username, shell variable, crontab, cron, cronjob,
            background process, pid, standard input, standard output, stdin, stdout, stderr, lines, line,
            blank lines, empty lines, duplicate lines, pathname, array, arrays, string, strings, integer, integers,
            tuple, tuples, dictionary, dictionaries, keys, row, rows, column, columns, dataframe, substring, digit,
            digits, vowels, variable, variables, index, dependency, dependencies, branch, commit, commits, database,
            server, container, containers, image tag, screen session, bytes, .txt, checksum, environment variable,
            environment variables, file permissions, permissions""",
    ),
    Table(
        name="not for a programmer",
        points={"code": -2.0},
        entries="""
            diet, my sleep, my day, morning routine, workout, garden, my budget, my schedule, my life, my time,
            resume, cv, linkedin, cover letter, paragraph, sentence, essay, wording, supply chain, seo, recipe,
            meal plan, study plan, travel plan, itinerary, warehouse, staffing, portfolio allocation,
            marketing spend, dress code, code of conduct, code of ethics, penal code, tax code, zip code, area code,
            morse code, da vinci code, color code, bar code, civil code, qr code, promo code, discount code,
            building code, postal code, honor code, cheat code, python snake, ball python, monty python,
            burmese python, java island, coffee, rust stains, rusty, bug bite, bed bugs, insects, stink bugs,
            lady bug, school class, class struggle, middle class, working class, first class, social class,
            class action, yoga class, object of desire, computer science degree, string quartet, string theory,
            string instrument, shell companies, sea shell, exposed shell, tv program, television program,
            space program, training program, exercise program, loyalty program, degree program, government program,
            weight loss program, public library, family tree, christmas tree, driver license, screen time,
            relationship, relationships, marriage, my sister, my wife, my husband, my boss, my kids, habits,
            my mood, my health, muscle, sleep schedule, my wardrobe, workday, my commute, marketing plan,
            marketing strategy, business strategy, new policy, curriculum, change management, training plan,
            parking ticket, train station, safari in, african safari, safari park, chrome plating, pods of whales,
            pea pods, patients, symptoms, economy, essay about, cholesterol, recipe for, cooking, the economy,
            the government, human body, in society, in politics, in the economy, lesson plan, treatment plan,
            restaurant chain, professional bio, bio for my website""",
    ),
    Table(
        name="those who program, not the program",
        points={"code": -4.3},
        most=4.3,
        entries="""
            程序员, プログラマー, 프로그래머, программист, 代码农, 码农, 产品经理, programador, programadora,
            programmeur, programmierer, programmatore, programista""",
    ),
    Table(
        name="mathematics",
        points={"code": -0.8, "creative": -1.2},
        most=2.4,
        entries="""
            theorem, lemma, prove, proof, integral, derivative, differentiable, polynomial, equation, equations,
            quadratic, probability, triangle, circle, radius, perpendicular, angle, hypotenuse, real numbers,
            positive integers, positive integer, natural number, modulo, converges, eigenvalue, group theory,
            vector space, random variable, expected value, how many, how much, percent, total cost, per hour,
            miles per, square root, cubic, denominator, numerator, markov, topological, isomorphic, sequence,
            calculus, algebra, geometry, limit, compute the, let x, let f""",
    ),
)
