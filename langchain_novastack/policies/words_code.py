"""English words that speak for code."""

from __future__ import annotations

from langchain_novastack.policies.vocabulary import Table

CODE_TABLES: tuple[Table, ...] = (
    Table(
        name="programming languages",
        points={"code": 2.0},
        entries="""
            javascript, typescript, ecmascript, c++, c#, f#, objective-c, php, golang, kotlin, haskell, erlang,
            clojure, elixir, fortran, cobol, matlab, vba, vb.net, visual basic, powershell, bash, zsh, luau,
            solidity, verilog, systemverilog, vhdl, groovy, prolog, html, html5, css, css3, scss, sass, xaml, jsx,
            tsx, sql, mysql, t-sql, pl sql, plsql, graphql, cypher query, sparql, xpath, regex, regexp, glsl, hlsl,
            wgsl, webassembly, wasm, autohotkey, applescript, mips, x86, delphi, latex code, assembly language,
            assembly code, scratch program, apex class, abap, dax, power query, openscad, gdscript, mermaid diagram,
            plantuml, bnf, go lang, go function, go code, swift code, ruby code, rust code, julia code, r code,
            r script, c program, c code, c function, ladder logic, pine script, pinescript, mql4, mql5, arduino,
            micropython, dart, fsharp, ocaml, common lisp, emacs lisp, racket, tcl, zig, nim, crystal lang, vyper,
            cuda c, sas code, spss syntax, latex table, latex, svg, jq, yq, makefile, batch file, batch script,
            cmd script, xslt, ini file, hcl, cypher, kql, lisp, scheme code, smalltalk, pascal, qbasic, js, es6,
            nodejs, c99, c11, c++11, c++17, c++20, java 8, java 17, python 2, python 2.7""",
    ),
    Table(
        name="languages with common names",
        points={"code": 1.8},
        entries="""
            python, python3, java, rust, perl, scala, lua, in ruby, in c, in r, in go, in julia, in swift, pyhton,
            phyton, vb""",
    ),
    Table(
        name="in a language",
        points={"code": 2.0},
        entries="""
            in python, in java, in javascript, in typescript, in c++, in c#, in php, in bash, in sql, in react,
            in rust, in kotlin, in html, in matlab, in excel, in vba, in powershell, in scala, in perl, in lua,
            in golang, in node, in pandas, in numpy, with python, with javascript, with pandas, with react,
            with sql, using python, using java, using javascript, using pandas, using numpy, using react, using sql,
            using html, using c++, using bash, python code, python script, python function, python program,
            java code, java program, java class, java method, c++ code, c++ program, javascript code,
            javascript function, sql query, sql statement, bash script, shell script, shell command, bash command,
            linux command, command to, git command, rust code, python list, python dict, python dictionary,
            python class, in express, in jest, in rails, in spring boot, in next.js, in svelte, in nestjs, in redux,
            in graphql, in elixir, in groovy, in dart, in flutter, in godot, in terraform, in ansible, in latex,
            in jupyter, in colab, in vim, in zsh, in sqlite, in mongodb, in redis, in dynamodb, in bigquery,
            in snowflake, in firebase, in node.js, in asp.net, in .net, in wordpress, in jquery, in tailwind,
            in selenium, in cypress, in pytest, in junit, in matplotlib, in seaborn, in ggplot2, in keras,
            in opencv, in pyspark, in sklearn""",
    ),
    Table(
        name="frameworks and libraries",
        points={"code": 2.0},
        most=5.0,
        entries="""
            reactjs, react.js, next.js, nextjs, vue, vue.js, vuejs, vue3, nuxt, angular, angularjs, svelte, jquery,
            tailwind, tailwindcss, node.js, nodejs, express.js, nestjs, deno, electron app, django, fastapi, numpy,
            pandas, scipy, sympy, pytorch, tensorflow, keras, sklearn, scikit-learn, matplotlib, seaborn, plotly,
            ggplot, ggplot2, dplyr, tidyverse, data.table, pyspark, opencv, huggingface, langchain, llamaindex,
            openai api, gpt api, selenium, playwright, puppeteer, beautifulsoup, scrapy, sqlalchemy, pydantic,
            tkinter, pyqt, pyqt5, pygame, streamlit, gradio, spring boot, springboot, jpa, jdbc, junit, mockito,
            gradle, laravel, symfony, wordpress, woocommerce, ruby on rails, asp.net, .net, dotnet, net core,
            blazor, wpf, winforms, linq, entity framework, unity3d, unreal engine, godot, roblox studio, three.js,
            threejs, d3.js, chart.js, webgl, opengl, vulkan, cuda, qt, swiftui, uikit, jetpack compose,
            android studio, xcode, flutter, dataframe, dataframes, axios, redux, zustand, rxjs, webpack, vite,
            eslint, prettier, pytest, unittest, cocoapods, ffmpeg, imagemagick, pillow library, discord.py,
            discord.js, discord bot, telegram bot, slack bot, socket.io, protobuf, grpc, useeffect, usestate,
            usememo, usecallback, useref, usecontext, mongoose, prisma, typeorm, sequelize, graphene, dbt, pydub,
            moviepy, requests library, aiohttp, asyncio, httpx, boto3, paramiko, tqdm, networkx, nltk, spacy,
            gensim, transformers library, xgboost, lightgbm, catboost, polars, dask, rshiny, tidyr, lubridate,
            pivot_longer, pivot_wider, rmarkdown, knitr, livewire, inertia.js, htmx, alpine.js, material ui, mui,
            chakra ui, styled-components, emotion css, react native, react-native, expo app, ionic, cordova,
            xamarin, maui, kivy, swift ui, core data, retrofit, okhttp, coroutines, dagger, koin, lombok, jackson,
            gson, slf4j, log4j, quarkus, micronaut, vert.x, akka, play framework, echo framework, actix, tokio,
            serde, bevy, unreal, pygame zero, phaser, p5.js, processing sketch, babylon.js, leaflet, mapbox,
            highcharts, d3, echarts, plotly dash, bokeh, altair, sfml, sdl, sdl2, glfw, imgui, eigen, cmake, qt6,
            tauri, mql, plt.show, iframe, xpath, jmeter, cucumber, robot framework, testng, rspec, capybara,
            phpunit, vitest, msw, supertest, bazel, agp, sbt, leiningen, unity game, unity script, unity project,
            unity rigidbody, in unity, in unreal, spring bean, angular component, apache airflow, airflow dag,
            celery worker, celery task, apache kafka, kafka topic, kafka consumer, laravel eloquent, eloquent model,
            r shiny, shiny app, react component, react app, react hook, react hooks, react js, react router,
            react state, react code, react project, react table, react form, spring security, spring mvc,
            spring data, flask app, flask api, flask route, flask server, express server, express app,
            express route, rails app, rails model, in rails, cypress test, jest test, jest mock, bootstrap modal,
            bootstrap grid, bootstrap 5, hibernate query, maven project, maven build, selenium webdriver""",
    ),
    Table(
        name="tools named like other things",
        points={"code": 1.0},
        most=3.0,
        entries="""
            react, flask, cypress, jest, mocha, rails, sinatra, maven, hibernate, bootstrap, storybook, swift,
            chrome, firefox, electron, airflow, celery, kafka, node, deno, svelte, dart, power bi, heroku, spark""",
    ),
    Table(
        name="databases and platforms",
        points={"code": 2.0},
        most=5.0,
        entries="""
            postgresql, postgres, sqlite, mariadb, mongodb, mongoose, dynamodb, cassandra, redis, elasticsearch,
            neo4j, bigquery, snowflake sql, supabase, firebase, firestore, oracle database, sql server, ssms,
            rabbitmq, docker, dockerfile, docker-compose, docker compose, kubernetes, k8s, kubectl, helm chart,
            terraform, ansible, jenkins, github, gitlab, bitbucket, github actions, ci cd, nginx, apache server,
            tomcat, systemd, systemctl, crontab, cron, cron job, cronjob, ubuntu, debian, centos, nixos, wsl,
            iptables, raspberry pi, esp32, esp8266, lambda function, aws lambda, s3 bucket, ec2, cloudformation,
            azure devops, heroku, vercel, netlify, npm, yarn, pip, conda, virtualenv, venv, homebrew, apt-get,
            makefile, cmake, gcc, clang, gdb, valgrind, jupyter, vscode, vs code, visual studio, intellij, pycharm,
            eclipse ide, emacs, vimrc, neovim, postman, oauth, oauth2, jwt, leetcode, hackerrank, codeforces,
            stackoverflow, stack overflow, zapier webhook, google apps script, apps script, google colab, memcached,
            kibana, logstash, grafana, prometheus, istio, vagrant, virtualbox, hadoop, hbase, clickhouse, couchdb,
            influxdb, cockroachdb, minio, haproxy, traefik, cloudflare workers, openshift, podman, argocd,
            gitlab ci, circleci, travis ci, sonarqube, artifactory""",
    ),
    Table(
        name="names of commands",
        points={"code": 2.2},
        entries="""
            grep, egrep, awk, sed, xargs, chmod, chown, chgrp, rsync, scp, ssh, curl, wget, mkdir, rmdir, rm -rf,
            gunzip, bzip2, crontab, tmux, sudo, /dev/null, git, umask, inode, setuid, md5sum, netstat, netcat, lsof,
            ps aux, tail -f, systemctl, journalctl, htop, nohup, exit vim, to exit vim, .bashrc, .zshrc, bashrc,
            zshrc, df -h, du -sh, dmesg, fstab, .bash_profile, stdin, stderr, stdout, kill -9, ln -s, ls -l, cd ..,
            pip install, npm install, npm run, yarn add, apt-get install, git commit, git push, git pull, git merge,
            git rebase, git stash, git reset, git checkout, git clone, docker run, docker build, docker exec,
            kubectl get""",
    ),
    Table(
        name="unix commands",
        points={"code": 1.8},
        entries="""
            tar.gz, gzip, unzip, symlink, symlinks, symbolic link, symbolic links, hard link, xterm, tty, telnet,
            posix, home directory, current directory, working directory, root directory, subdirectory,
            subdirectories, sub-directories, directory, directories, directory tree, current folder, subfolders,
            file names, filename, filenames, file extension, basename, regular files, hidden files, text files,
            log files, environment variable, environment variables, process id, file system, filesystem,
            command line, command prompt, file descriptor, hostname, recursively, disk usage, /home, /etc, /var,
            /tmp, /usr, in dir, in folder, owner of all files, current user, all processes, running processes,
            standard output, standard input, standard error, zip file, tarball, tar archive, file permissions,
            executable, background process, unix, vim, nano editor, kill process, kill the process,
            process is using, using port, all .jpeg, all .txt, find command, bash alias, shell alias, path variable,
            systemd, service file, screen session, cron, swap file, yum, dnf, pacman, flatpak, dotfiles, gpg key,
            ssh keys, ssh config, port is already, localhost, dir command, crontab entry""",
    ),
    Table(
        name="words of programmers",
        points={"code": 1.2},
        most=5.0,
        entries="""
            code, codes, coding, coder, codebase, source code, pseudocode, pseudo code, snippet, code snippet, compiler,
            compile, compiled, compiles, compiling, compilation, programmer, programmers, programming, software
            developer, json, jsonl, yaml, yml, xml, csv, csv file, toml, api, apis, rest api, restful, endpoint,
            endpoints, webhook, backend, back-end, frontend, front-end, full-stack, fullstack, bug, bugs, buggy,
            debugger, debugging, debugged, syntax, boolean, booleans, integers, recursion, recursive function,
            algorithm, algorithms, subclass, superclass, constructor, destructor, polymorphism, inheritance,
            encapsulation, async, await, asyncio, callback, callbacks, iterator, iterators, tuple, tuples, hashmap, hash
            map, hash table, hashtable, linked list, binary tree, binary search tree, binary search, data structure,
            data structures, argv, localhost, plugin, subprocess, script.py, test case, test suite, integration tests,
            stack trace, stacktrace, traceback, segfault, segmentation fault, null pointer, nullpointerexception, memory
            leak, race condition, deadlock, mutex, multithreading, multithreaded, concurrency, middleware, repo,
            repository, rebase, merge conflict, refactoring, refactored, refactors, optimise, regular expression,
            regular expressions, shader, shaders, webpage, web page, web app, webapp, web scraper, web scraping,
            scraper, crawler, chatbot code, o n, for loop, for loops, while loop, nested loop, if statement, switch
            statement, try catch, base class, dependency injection, design pattern, microservice, microservices, orm,
            crud, schema, database schema, stored procedure, foreign key, primary key, left join, inner join, outer
            join, group by, where clause, pivot table, vlookup, xlookup, excel formula, excel macro, google sheets
            formula, spreadsheet formula, cell a1, conditional formatting, macro, macros, object-oriented, object
            oriented, oop, functional programming, lambda expression, list comprehension, one-liner, oneliner, runtime
            error, compile error, compiler error, build error, syntax error, typeerror, valueerror, keyerror,
            indexerror, exit code, error message, nested list, sublist, substring, substrings, palindrome, fibonacci,
            factorial, prime numbers, anagram, anagrams, quicksort, merge sort, mergesort, bubble sort, dijkstra,
            dynamic programming, dark mode, media query, flexbox, navbar, dropdown, checkbox, iframe, favicon, viewport,
            stylesheet, neural network in, dataset in, data frame, data frames, vim, latex, google sheets, merged cells,
            merge cells, fetch api, thread safe, lru cache, semaphore, big o notation, leetcode, two sum, off by one,
            jetbrains, terminal command, listening on port, port 8080, port 3000, lines of a file, each file, every
            file, log file, config file, usestate, setstate, props, hooks, websocket, websockets, cors, csrf, xss, sql
            injection, hashing, rsa key, ssh key, base64, utf 8, unicode, tokenizer, dataloader, fine tune, gradient
            descent in, backpropagation in, train test split, confusion matrix, random forest in, linear regression in,
            sklearn, numpy array, api key, api call, api calls, rate limit, deprecated, dependency, dependencies,
            versioning, semver, monorepo, linter, linting, type error, typecheck, garbage collector, pointer arithmetic,
            bitwise, xor, opcode, kernel module, bootloader, firmware, gpio, i2c, spi, uart, pwm, servo, the dom, dom
            element, dom node, virtual dom, knapsack, arrow function""",
    ),
    Table(
        name="error messages and SQL",
        points={"code": 2.0},
        entries="""
            command not found, undefined reference, is not defined, is undefined, undefined is not, cannot read
            property, cannot read properties, core dumped, exit code, exit status, fatal error, syntax error near,
            unexpected token, module not found, no module named, permission denied, stack overflow error, out of memory
            error, segmentation fault, select from, select * from, group by, order by, left join, right join, inner
            join, outer join, insert into, alter table, create table, drop table, delete from, primary key, foreign key,
            unhandled exception, uncaught exception, throws an error, throws an exception, not compile, won't compile,
            does not compile, doesn't compile, failed to compile, build fails, failing test, failing tests, cannot
            borrow, use of moved value, does not live long enough, expected type, mismatched types, cannot find symbol,
            incompatible types, illegalstateexception, illegalargumentexception, nullreferenceexception,
            classnotfoundexception, modulenotfounderror, importerror, attributeerror, nameerror, zerodivisionerror,
            recursionerror, filenotfounderror, unicodedecodeerror, runtimeerror, referenceerror, syntaxerror,
            assertionerror, indentationerror, stackoverflowerror, outofmemoryerror, undefined variable, undefined index,
            undefined method, undefined function, maximum call stack, maximum recursion depth, connection refused,
            econnrefused, enoent, eaddrinuse, eresolve, cors policy, access-control-allow-origin, 404 not found, 500
            internal server, 502 bad gateway, 403 forbidden, bad gateway, invalid syntax, unexpected eof, unexpected
            indent, unexpected end, missing semicolon, expected expression, is not a function, is not iterable, is not
            callable, has no attribute, not subscriptable, object has no, no such module, cannot import name, cannot
            resolve, could not resolve, failed to build, failed to load, failed to fetch, exec format error, segfault,
            bus error, heap out of memory, unhandled promise, deprecation warning, select only the rows, select rows,
            returns a 404, where exists, having count, union all, outer apply, on duplicate key, abstract class,
            abstract classes, lazy loading, lazy load, lazy-load, hello world, cannot be resolved, unresolved reference,
            stack overflow, heapify, unsorted list, unsorted array, sorted array, sorted list, kth smallest, k-th
            smallest, nth element, let and var, var and let, let and const, const and let, let vs var, null vs
            undefined, null and undefined, time complexity, space complexity, big o, keyword do in, yield keyword,
            static keyword, volatile keyword, async keyword, final keyword, this keyword, keyword argument, keyword
            arguments, getters and setters""",
    ),
    Table(
        name="words programmers share",
        points={"code": 0.8},
        most=3.2,
        entries="""
            function, functions, method, methods, script, scripts, class, classes, variable, variables, array,
            arrays, string, strings, integer, loop, loops, dictionary, dict, parse, parser, parsing, query, queries,
            database, databases, server, servers, deploy, deployment, frameworks, exception, exceptions, error,
            errors, crashes, crashing, browser, url, urls, http, https, cli, terminal, file, files, folder, folders,
            path, paths, runtime, module, modules, parameter, parameters, argument, arguments, returns, return the,
            object, objects, pointer, pointers, thread, threads, char, byte, bytes, cache, cached, component,
            components, implement, implements, implementation, button, widget, href, css class, column, columns,
            index, indices, null, nan, int, float, vectorized, node, nodes, stack, queue, program, programs, app,
            apps, spreadsheet, spreadsheets, linux server, chrome extension, browser extension, plugin, package,
            packages, dependencies, config, configuration, input, output, inputs, outputs, sort, sorts, sorted,
            iterate, iterates, lowercase, uppercase, alphanumeric, whitespace, timestamp, regex, element, elements,
            list of lists, list of integers, list of strings, given list, key-value, nested, the following lines,
            each line, line by line, first line, last line, header file, user input, print, prints, sql, tags,
            optimised, duplicates, shell, unix, schema, recursion depth, boolean, pixel, pixels, hash, keys, div,
            token, tokens, container, containers, proxy, interface, abstract class, syntax, compile, install,
            installed, extension, vim, ide, console, webhook, emulator, rows, command, commands, formula, all files,
            in a file, from a file, rename all, linux, library, html tag, html tags, hex code""",
    ),
    Table(
        name="my code",
        points={"code": 2.0},
        entries="""
            this code, my code, your code, the code, following code, code below, code above, some code, sample code,
            code sample, code example, example code, given code, piece of code, lines of code, code block, this script,
            my script, the script below, this function, my function, following function, this program, following
            program, this query, my query, following query, this snippet, this class, my app, my application, my
            website, this regex, this method, my api, this algorithm, my database, my server, this library, my repo,
            this repo, my project uses, complete the function, does this function, write code, write a program, write a
            function, write a script, write a query, write the code, full code, complete code, code in, code for, code
            to, code that, coding problem, coding challenge, coding question, programming problem, programming question,
            programming language, programming languages, programmatically, function that, function to, function which,
            program that, program to, program which, script that, script to, script which, query that, query to, method
            that, class that, div, divs, a span, unit test, unit tests, git commit, last commit, a commit, my commits,
            commits, git branch, my branch, git repo, commit message, pull request, pull requests, write tests, test
            coverage, code base, fails in ci, ci pipeline, in production, my tests, the tests, the regex, a regex, regex
            for, my loop, my component, my config, my container, my dockerfile, my dataframe, my array, my css, my html,
            my pipeline, my pod, my bot, what does this do, what does this function, explain this function, explain this
            code, explain the code, review this code, review the following code, review my code, code step by step, in
            code, using code, without a loop, without using a loop, without recursion, using recursion, complete code
            please, working code, give me code, give me the code, show code, show me code, code please, code with, code
            snippet, the compiler, following error, error code, stack overflow, in the terminal, from the terminal,
            command-line, on the command line, on linux, linux command, on windows command, in powershell, in google
            sheets, excel formula, in vim, in vscode, in vs code, in git, with git, using git, in docker, in postgres,
            in mysql, in react, in vue, in angular, in django, in flask, in laravel, in android studio, in xcode, in
            flutter, in dart, in kotlin, in swiftui, in numpy, in pandas, in pytorch, in tensorflow, in keras, in
            selenium, in matplotlib, in ggplot, in haskell, in ruby, in rust, in scala, in html, in css, in c++, in c#,
            in typescript, in php, in bash, in assembly, in js, what this does:, what this code, this code does, does
            this code, this function does, this script does, this query does, does this query, the following snippet,
            the following function, the following code, function below, script below, query below""",
    ),
)
