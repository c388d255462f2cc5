"""The same in other languages: Spanish, French, German, Portuguese, Italian, Dutch and more, then other scripts."""

from __future__ import annotations

from langchain_novastack.policies.lookup import FOLLOW_UP
from langchain_novastack.policies.vocabulary import Table

WORLD_TABLES: tuple[Table, ...] = (
    Table(
        name="making, in other languages",
        where="verb",
        entries="""
            escribe, escribir, escriba, escribeme, escríbeme, crea, crear, cree, genera, generar, haz, hazme, hacer, haga, redacta, redactar, compón, componer, inventa, inventar, cuenta, cuéntame, cuentame, dame, dime, necesito, quiero, diseña, desarrolla, implementa, imagina, propón, sugiere, ayúdame,
            écris, écrire, écrivez, ecris-moi, écris-moi, crée, créer, créez, génère, générer, générez, fais, faire, faites, fais-moi, rédige, rédiger, rédigez, compose, composez, invente, inventer, inventez, raconte, raconte-moi, racontez, donne, donne-moi, donnez, donnez-moi, imagine, imaginez, propose, proposez, trouve, veux, voudrais, besoin,
            schreib, schreibe, schreiben, verfasse, verfassen, erstelle, erstellen, erzeuge, generiere, generieren, dichte, erfinde, erfinden, erzähl, erzähle, erzählen, gib, geben, mach, mache, machen, entwickle, entwickeln, entwirf, brauche, möchte, will, nenne, formuliere, programmiere, implementiere,
            escreva, escrever, escreve, crie, criar, cria, gere, gerar, faça, fazer, redija, componha, invente, inventar, conte, conte-me, dê-me, me dê, diga, preciso, quero, desenvolva, elabore, imagine,
            scrivi, scrivere, scrivimi, crea, creare, genera, generare, fai, fammi, fare, componi, comporre, inventa, inventare, racconta, raccontami, dammi, proponi, voglio, vorrei, bisogno, sviluppa, progetta,
            schrijf, schrijven, maak, maken, verzin, bedenk, vertel, napisz, stwórz, wymyśl, opowiedz, yaz, yazar, oluştur, anlat, viết, tạo, kể, sáng tác, soạn, tulis, tuliskan, buat, buatkan, ceritakan, skriv, kirjoita, scrie, creează, írj, napiš,
            写, 编写, 编, 创作, 创造, 撰写, 生成, 作一, 做一, 设计, 讲, 给我, 提供, 实现, 开发, 构建, 起草, 续写, 改写, 帮我, 列出, 想出, 起一, 取一, 起个, 取个, 书いて, 書いて, 書く, 作って, 作成, 作る, 作詞, 考えて, 教えて, 語って, 創作, 描いて, 써줘, 써 줘, 써주, 작성, 만들어, 지어, 쓰세요, 써보, 쓰시오, 알려줘, 들려, напиши, написать, напишите, сочини, сочините, придумай, придумайте, создай, создайте, создать, составь, составьте, сгенерируй, сделай, расскажи, расскажите, предложи, предложите, разработай, напечатай, реализуй,
            اكتب, أكتب, انشئ, أنشئ, الف, ألف, ابتكر, قم ب, اعطني, أعطني, احك, صمم, كتابة, إنشاء, लिख, बना, сгенерировать, напиш, створи""",
    ),
    Table(
        name="creative work, in other languages",
        where="asked",
        verbs=("making, in other languages",),
        points={"creative": 3.5},
        entries="""
            poema, poemas, poesía, poesia, poesie, verso, versos, soneto, rima, rimas, cuento, cuentos, historia, historias, relato, relatos, novela, canción, canciones, letra de, letras de, guión, guion, diálogo, diálogos, dialogo, monólogo, monologo, escena, obra de teatro, chiste, chistes, adivinanza, eslogan, eslóganes, lema, anuncio, anuncios, fábula, leyenda, personaje, personajes, nombre para, nombres para, nombres de, trabalenguas, publicidad, texto publicitario, descripción de producto, título, títulos, haiku, haikus, slogan, slogans,
            poème, poèmes, poésie, sonnet, rimes, conte, contes, histoire, histoires, récit, roman, chanson, chansons, paroles, dialogue, dialogues, monologue, pièce de théâtre, sketch, blague, blagues, devinette, accroche, publicité, annonce, fable, légende, personnage, personnages, nom pour, noms pour, noms de, idées, idée, comptine, berceuse, fiche produit, titre, titres,
            gedicht, gedichte, reim, reime, vers, sonett, geschichte, geschichten, kurzgeschichte, gute-nacht-geschichte, märchen, erzählung, roman, lied, lieder, liedtext, songtext, drehbuch, dialog, monolog, szene, theaterstück, sketch, witz, witze, rätsel, werbespruch, werbeslogan, werbetext, werbung, anzeige, fabel, sage, charakter, figur, namen für, namen, ideen, produktbeschreibung, titel, limerick, ballade, rap,
            história, histórias, conto, contos, crônica, romance, canção, canções, música, letra, roteiro, cena, peça, piada, piadas, charada, anúncio, propaganda, fábula, lenda, personagem, personagens, nome para, nomes para, ideias, ideia, legenda, legendas, cordel, slogan,
            poesie, filastrocca, storia, storie, racconto, racconti, favola, fiaba, romanzo, canzone, canzoni, testo di una canzone, sceneggiatura, copione, scena, barzelletta, barzellette, indovinello, pubblicità, annuncio, leggenda, personaggio, personaggi, nome per, nomi per, idee, idea, titolo, titoli, battute,
            gedicht, verhaal, verhaaltje, sprookje, liedje, mop, ideeën, wiersz, wierszyk, opowiadanie, bajka, bajkę, historię, piosenka, piosenkę, scenariusz, żart, pomysły, şiir, hikaye, hikâye, öykü, masal, şarkı, şarkı sözü, senaryo, fıkra, reklam, bài thơ, thơ, câu chuyện, truyện, truyện ngắn, bài hát, lời bài hát, kịch bản, ý tưởng, quảng cáo, khẩu hiệu, puisi, cerita, cerpen, dongeng, lagu, lirik, pantun, naskah, ide, iklan, slogan, dikt, historie, berättelse, saga, sång, runo, tarina, poezie, poveste, báseň, pohádku, příběh, vers, mese, történet,
            故事, 诗, 歌词, 歌曲, 首歌, 一曲, 曲子, 小说, 童话, 寓言, 神话, 剧本, 台词, 剧情, 情节, 对白, 对话, 独白, 相声, 小品, 段子, 笑话, 谜语, 绕口令, 对联, 春联, 口号, 标语, 广告, 文案, 宣传语, 广告语, 宣传文, 宣传片, 朋友圈, 小红书, 种草, 带货, 散文, 随笔, 日记, 情书, 祝福语, 贺词, 祝词, 顺口溜, 打油诗, 儿歌, 童谣, 短剧, 话剧, 短片, 短文, 情景, 角色, 人物, 取名, 命名, 创意, 点子, 主意, 灵感, 脱口秀, 吐槽, 梗, 续集, 番外, 同人, 营销, 推广, 产品描述, 海报, 卖点, 开头, 结尾, 散文诗, 独角戏, 段落描写, 景物描写,
            物語, 俳句, 短歌, 川柳, 小説, 詩, 童話, 歌詞, 脚本, 台本, 台詞, セリフ, シナリオ, ストーリー, ラップ, キャラクター, ジョーク, ダジャレ, なぞなぞ, 小話, 落語, 漫才, キャッチコピー, スローガン, 広告, 宣伝文, ネーミング, アイデア, アイディア, 案を, タイトル, 会話文, 昔話, お話, エッセイ, 紹介文,
            이야기, 소설, 동화, 우화, 시를, 시 한, 동시, 시조, 노래, 가사, 랩, 대본, 시나리오, 대사, 대화, 장면, 농담, 개그, 유머, 수수께끼, 광고, 카피, 슬로건, 표어, 아이디어, 이름, 제목, 캐릭터, 브레인스토밍, 삼행시, 독백, 편지글, 콩트, 줄거리, 스토리, 문구,
            стих, рассказ, сказк, истори, новелл, роман, песн, песен, сценари, диалог, монолог, сцен, шутк, анекдот, загадк, слоган, реклам, персонаж, иде, назван, имен, басн, легенд, рэп, частушк, баллад, хокку, хайку, поэм, тост, поздравлен, заголовк, пост, фанфик, рассказик, повест, сюжет, продающ, куплет, вірш, оповідання, казк,
            قصة, قصيدة, شعر, اغنية, أغنية, كلمات, حكاية, رواية, مسرحية, حوار, سيناريو, مشهد, نكتة, نكت, لغز, شعار, اعلان, إعلان, شخصية, افكار, أفكار, اسم, أسماء, خاطرة, مونولوج, سكريبت, वाक्य कविता, कविता, कहानी, गीत, चुटकुला, 一首, 诗歌, 想法, letra de canción, cuento infantil, cuento de terror, carta de amor, trama, final alternativo, microrrelato, versos, copla, refrán, acertijo, copys, copy, eslóganes publicitarios, campaña, campaña publicitaria, publicación para instagram, post para instagram, tuit, nombres creativos, nombre creativo, lluvia de ideas, brindis, discurso de boda, parodia, sátira, juego de rol, mundo fantástico, superhéroe, villano, lettre d'amour, fin alternative, calembour, jeu de mots, devinettes, accroches, campagne publicitaire, post instagram, légende instagram, noms créatifs, texte publicitaire, discours de mariage, parodie, satire, intrigue, haïku, alexandrins, liebesbrief, ende der geschichte, wortspiel, wortspiele, werbekampagne, instagram-post, namensvorschläge, name für, spruch, sprüche, hochzeitsrede, parodie, handlung, fantasiewelt, carta de amor, final alternativo, trocadilho, campanha, campanha publicitária, post para o instagram, nomes criativos, brinde, discurso de casamento, enredo, trama, lettera d'amore, finale alternativo, gioco di parole, campagna, campagna pubblicitaria, post instagram, nomi creativi, discorso di nozze, trama, slogan pubblicitario, didascalia, fan fiction, fanfic, ballade, ballata, balada, monólogos, soliloquio, elegía, oda, ode, himno, hymne, inno, filastrocche, ninna nanna, canción de cuna, berceuse, wiegenlied, schlaflied""",
    ),
    Table(
        name="creative words in other languages",
        points={"creative": 1.6},
        most=4.0,
        entries="""
            poema, poemas, cuento corto, canción, chiste, guion, relato corto, lluvia de ideas, creativa, creativos, que rime, rima, eslogan, personaje, poème, poèmes, chanson, blague, remue-méninges, créatif, qui rime, conte de fées, gedicht, kurzgeschichte, märchen, liedtext, werbeslogan, brainstorme, kreativ, kreative, drehbuch, witz, poesia, canção, piada, roteiro, criativo, criativa, conto de fadas, canzone, filastrocca, racconto, barzelletta, creativo, fiaba, favola, sceneggiatura, gedicht, sprookje, wiersz, opowiadanie, bajka, şiir, masal, hikaye, bài thơ, truyện ngắn, bài hát, puisi, cerpen, dongeng, pantun, ý tưởng, ide kreatif,
            故事, 诗, 歌词, 小说, 童话, 寓言, 剧本, 头脑风暴, 笑话, 口号, 标语, 广告语, 广告, 文案, 台词, 剧情, 续写, 作词, 对联, 散文, 科幻, 奇幻, 武侠, 玄幻, 言情, 悬疑, 穿越, 主人公, 主角, 男主, 女主, 虚构, 想象力, 浪漫, 幽默, 押韵, 打油诗, 七言, 五言, 绝句, 律诗, 填词, 宋词, 意境, 拟人, 营销, 口吻, 物語, 俳句, 川柳, 小説, 童話, 歌詞, ラップ, 脚本, セリフ, 创作, 創作, ブレインストーミング, ブレスト, 面白い, 동화, 소설, 가사, 시나리오, 브레인스토밍, 농담, 재미있, 창의적, 삼행시, 독백, 등장인물, стих, рассказ, сказк, песн, рэп, шутк, слоган, креатив, мозгов, персонаж, смешн, фэнтези, рифм, в стиле, قصيدة, قصة, شعر, أغنية, حكاية, خيال, إبداع, عصف ذهني, कविता, कहानी, 一首, había una vez, érase una vez, il était une fois, es war einmal, era uma vez, c'era una volta, en el estilo de, al estilo de, à la manière de, dans le style de, im stil von, no estilo de, nello stile di, propuestas creativas, ideas creativas, ideas para, ideas de, nombres para, idées pour, idées de, noms pour, ideen für, namen für, ideias para, ideias de, nomes para, idee per, nomi per, ideeën voor, pomysły na, gracioso, divertido, humorístico, rimado, drôle, humoristique, lustig, lustige, lustiges, witzig, humorvoll, engraçado, engraçada, divertente, gereimt, 灵感, 点子, 取名, 起名, 名字建议, 写首, 写诗, 小诗, 现代诗, 古诗, 情诗, 藏头诗, 仿写, 扩写, 改编, 情景剧, 剧本杀, 同人, 网文, 番外, 脑洞, 脑暴, 鬼故事, 睡前故事, 段子, 相声, 小品, 脱口秀, 吐槽, 朋友圈, 小红书, 种草, 宣传语, 广告词, 情书, 彩虹屁, 诗意, 想象, 幻想, 拟声, 比喻, 排比, 世界观, 人设, 反派, 侠客, 魔法, 穿越, 末日, 外星, 吸血鬼, 精灵, 物語を, 小話, ダジャレ, なぞなぞ, キャッチコピー, 名前を考, ネーミング, アイデア, アイディア, 創造的, ユーモア, 面白おかしく, 一句, 詩を, 歌を, 曲を, ファンタジー, SF小説, 恋愛小説, 二次創作, 設定を考, 아이디어, 이름 추천, 이름을 지, 작명, 슬로건, 광고 문구, 카피라이팅, 판타지, 로맨스, 웹소설, 팬픽, 드립, 유머, 재밌, 웃긴, 감성적, 창작, идеи для, идей для, названи, имена для, придум, смешную, забавн, юмор, фанфик, в рифму, сочини, фантаст, волшеб, драм, ужас, юморист, افكار ل, أفكار ل, اسماء ل, أسماء ل, مضحك, فكاهي, خيالي, ابداعي, إبداعي, شعار, كوميدي, حوار بين, مسرحي, 个名字, 想个名, 起个名, 起名字, 取个名, 俳句を, 短歌を, 川柳を""",
    ),
    Table(
        name="creative work before its verb",
        points={"creative": 3.2},
        most=4.8,
        entries="""
            俳句を, 短歌を, 川柳を, 詩を, 物語を, 小説を, 童話を, 昔話を, 歌詞を, 脚本を, 台本を, シナリオを, ストーリーを, お話を, ジョークを, ダジャレを, なぞなぞを, キャッチコピーを, スローガンを, 名前を考え, 名前を付け, アイデアを, アイディアを, ラップを, セリフを, 会話を書, 広告文を, 物語の続き, 続きを書, 시를, 시 한, 동시를, 시조를, 삼행시, 이야기를 써, 이야기를 만, 이야기를 들려, 이야기 써, 이야기 하나, 이야기를 지, 뒷이야기, 소설을, 동화를, 우화를, 노래를 만, 노래 가사, 가사를, 랩을, 대본을, 시나리오를, 대사를, 농담을, 농담 하나, 수수께끼를, 광고 문구, 광고 카피, 슬로건을, 이름을 지어, 이름 지어, 이름을 추천, 이름 추천, 아이디어를, 아이디어 좀, 줄거리를 만, 편지를 써, कविता लिख, कहानी लिख, कहानी सुना, चुटकुला, şiir yaz, hikaye yaz, hikâye yaz, masal anlat, şarkı sözü yaz, gedicht über, gedicht zu, geschichte über, witz über, märchen über, lied über, namen für, ideen für, slogan für""",
    ),
    Table(
        name="role play in other languages",
        points={"creative": 2.6},
        most=5.2,
        entries="""
            imagina que, imagínate, imagine que, imagina, actúa como, actua como, haz de, hazte pasar, finge, fingieras, si fueras, si fueses, ponte en el lugar, juego de rol, imagine que tu, imaginez que, imagine-toi, fais comme si, faites semblant, fais semblant, si tu étais, si vous étiez, joue le rôle, agis comme, mets-toi dans, mettez-vous, jeu de rôle, en tant que, stell dir vor, stellen sie sich, angenommen, tu so als, tun sie so, spiel die rolle, spiele die rolle, du bist ein, du bist eine, sie sind ein, rollenspiel, als ob du, wenn du ein, wenn sie ein, versetze dich, wärst, wären sie,
            finja, finja que, imagine que você, se você fosse, aja como, atue como, faça de conta, como se fosse, no papel de, você é um, você é uma, fai finta, immagina, immagina di, immaginate, se fossi, comportati come, fingi, agisci come, interpreta, eres un, eres una, tu es un, tu es une, vous êtes un, sei un, sei una, gioco di ruolo, doe alsof, stel je voor, wyobraź sobie, udawaj, hayal et, gibi davran, hãy tưởng tượng, đóng vai, nếu bạn là, bayangkan, berpura-pura, jika kamu adalah, como colono, como colonizador, en tant que colon,
            扮演, 假装, 假设你是, 假如你是, 如果你是, 假设自己, 想象你, 想象自己, 想像你, 想像自己, 把自己想象, 把自己想像, 你现在是, 现在你是, 请你作为, 作为火星, 以一位, 以一个, 以第一人称, 第一人称, 你将扮演, 你要扮演, 模拟, 充当, 角色扮演, 的口吻, 的语气, 的身份, 的视角, 你叫, 我是你, 假想, 设想你, 化身, 穿越到,
            もしあなたが, だと思って, ふりをして, なりきっ, になったつもり, 演じて, 役割, 想像して, として振る舞, と仮定, もし私が, もし君が, 移民として, ロールプレイ, だったら, 만약 만약에, 당신이, 라고 가정, 가정해, 가정하, 척하, 인 척, 상상해, 상상하, 역할을, 역할극, 로서, 입장에서, 라고 생각하고, представь, представьте, вообрази, вообразите, притвор, веди себя как, действуй как, ты теперь, сыграй роль, в роли, играй роль, от лица, будь, если бы ты, если бы вы, تخيل, لو كنت, إذا كنت, اذا كنت, تظاهر, ضع نفسك, كونك, تصرف ك, العب دور, ادع, بصفتك, कल्पना, मान लो, actúa como si, compórtate como, interpreta a, interpreta el papel, eres el, juguemos, ponte en la piel, haz como si, tu es le, tu joues, joue le rôle de, incarne, incarnez, prends le rôle, du spielst, du bist der, du bist die, verhalte dich, übernimm die rolle, spiele einen, du bist jetzt, você é o, você agora é, interprete, assuma o papel, tu sei un, tu sei una, tu sei il, mettiti nei panni, nei panni di, interpreta il ruolo, jij bent een, jesteś, sen bir, anda adalah, kamu adalah, bạn là một, hãy đóng, se tu fossi, se fossi un, wie würdest du dich, comment te présenterais, 演一, 演绎, 饰演, 人设, 假设我是, 假如我是, 从现在开始你, 接下来你, 请以, 用鲁迅, 以李白, 我们来玩, 玩一个游戏, 角色设定, 进入角色, 代入, あなたになりき, になりきって, 役になっ, 役を演, キャラで, 口調で, のつもりで, ロールプレイ, 君は今, 너는 이제, 너는 지금, 네가, 역할극, 연기해, 말투로, 빙의, 롤플레이, ты — , ты теперь, ты персонаж, давай поиграем, поиграем в, отыгрыв, ролев, от имени, ты играешь, انت الان, أنت الآن, مثل دور, العب دور, لعب أدوار, تقمص, تصرف وكأنك""",
    ),
    Table(
        name="perhaps a role, in other languages",
        points={"creative": 1.2},
        most=2.4,
        entries="""
            作为一个, 作为一名, 作为一位, 你是一, 你是, 身为, 的角度, 되어, als raumkolonist, come un, come colonizzatore, supponendo, supondo, suponiendo, supposons, supposez, nehmen wir an, als ritter, als zeitreisender, افترض, بوصفك, 속이, 我希望你, 我想让你, 당신이, 당신은, として, あなたが, あなたは""",
    ),
    Table(
        name="in other languages",
        where="asked",
        verbs=("making, in other languages",),
        points={"code": 2.6},
        entries="""
            código, codigo, función, funcion, programa, script, consulta, algoritmo, página web, aplicación, expresión regular, prueba unitaria, fonction, programme, requête, classe, algorithme, page web, application, expression régulière, code, funktion, programm, skript, abfrage, klasse, algorithmus, webseite, anwendung, função, consulta, classe, página, aplicativo, funzione, programma, codice, pagina web, applicazione, hàm, mã, chương trình, đoạn mã, kode, program, fungsi, fonksiyon, kod, funkcję, kod, functie,             代码, 函数, 程序, 算法, 脚本, 接口, 爬虫, 小程序, 正则, 查询语句, 小游戏, 公式, コード, 関数, プログラム, スクリプト, アルゴリズム, クエリ, クラス, 正規表現, マクロ, 코드, 함수, 프로그램, 스크립트, 알고리즘, 쿼리, 클래스, 정규식, код, функци, программ, скрипт, алгоритм, запрос, класс, регуляр, макрос, бот, كود, دالة, برنامج, خوارزمية, سكربت, استعلام, تطبيق, कोड, फ़ंक्शन, प्रोग्राम""",
    ),
    Table(
        name="code words in other languages",
        points={"code": 1.7},
        most=4.5,
        entries="""
            código, codigo, función, programación, programar, algoritmo, depurar, base de datos, compilar, línea de comandos, fichero, archivos, fonction, programmation, algorithme, déboguer, base de données, ligne de commande, fichiers, funktion, programmieren, programmierung, algorithmus, datenbank, debuggen, quellcode, befehlszeile, função, programação, banco de dados, depurar, linha de comando, funzione, codice, programmazione, riga di comando, lập trình, thuật toán, hàm số python, cơ sở dữ liệu, pemrograman, kode program, programlama, veritabanı, programowanie,
            代码, 编程, 程序, 函数, 算法, 脚本, 数据库, 数组, 报错, 编译, 变量, 正则表达式, 前端, 后端, 接口, 爬虫, 调试, 重构, 指针, 链表, 二叉树, 递归, 字符串, 遍历, 线程, 命令行, 注释, 浏览器, 查询语句, 单元测试, 时间复杂度, 源码, 控制台, 返回值, コード, プログラム, 関数, スクリプト, アルゴリズム, エラー, デバッグ, コンパイル, 配列, 変数, 文字列, データベース, 再帰, 正規表現, リファクタ, 実装, 코드, 함수, 프로그램, 스크립트, 알고리즘, 코딩, 디버그, 디버깅, 배열, 변수, 문자열, 데이터베이스, 컴파일, 정규표현식, 구현, 파이썬, 자바, 에러, 리팩토, код, функци, программ, скрипт, алгоритм, массив, запрос, ошибк, отлад, баз данных, переменн, компил, рефактор, строк, цикл, сервер, كود, برمج, دالة, خوارزم, مصفوفة, متغير, قاعدة بيانات, سكربت, بايثون, الكود, خطأ في, तालिका कोड, kompiliert, kompilieren, compila, compiler, rust-code, compilieren, programmcode""",
    ),
    Table(
        name="everyday writing, in other languages",
        where="asked",
        verbs=("making, in other languages",),
        points={"creative": -1.0, "code": -1.3},
        entries="""
            carta, correo, ensayo, informe, resumen, artículo, receta, contrato, lettre, courriel, dissertation, rapport, résumé, article, recette, contrat, brief, bericht, aufsatz, zusammenfassung, artikel, rezept, vertrag, bewerbung, e-mail, email, redação, relatório, resumo, artigo, receita, lettera, saggio, relazione, riassunto, articolo, ricetta, contratto,
            邮件, 论文, 报告, 总结, 摘要, 合同, 简历, 求职信, 信, 计划, 方案, 食谱, 菜谱, 文章, 议论文, 说明, 评论, 问题, 列表, 大纲, 通知, 申请, メール, 手紙, レポート, 論文, 要約, レシピ, 記事, 이메일, 편지, 보고서, 논문, 요약, 레시피, 기사, письм, отчет, эссе, доклад, реферат, резюме, рецепт, стать, план, رسالة, تقرير, مقال, ملخص, وصفة, خطة, بريد""",
    ),
    Table(
        name="analysis, in other languages",
        points={"creative": -1.6, "code": -0.8},
        most=4.0,
        entries="""
            traduce, traducir, resumir, resumen, explica, explicar, analiza, analizar, corrige, historia de la, historia del, la historia de, cuál es, cuáles son, cómo se, por qué, traduis, traduire, traduisez, résume, résumer, résumez, explique, expliquer, expliquez, analyser, corriger, histoire de la, histoire du, l'histoire de, qu'est-ce, quelle est, quels sont, pourquoi, übersetze, übersetzen, fasse, erkläre, erklären, analysiere, korrigiere, geschichte der, geschichte des, geschichte von, was ist, was sind, wie viele, warum, traduza, resuma, explique, analise, corrija, história da, história do, o que é, qual é, quais são, por que, traduci, riassumi, spiega, analizza, correggi, storia della, storia del, storia di, storia d'italia, che cos'è, qual è, quali sono, perché, vertaal, przetłumacz, dịch, terjemahkan, jelaskan, giải thích,
            翻译, 译成, 分析, 总结, 提取, 分类, 摘要, 解释, 概括, 阅读, 文章, 段落, 改正, 纠正, 语法, 错别字, 润色, 判断, 评价, 评论, 计算, 多少, 历史, 什么是, 是什么, 为什么, 区别, 关键词, 句子, 文本, 情感, 回答, 推荐, 邮件, 简历, 论文, 新闻, 下列, 哪个, 哪些, 根据文, 主题是什么, 作者, 翻訳, 要約, 説明, 分析して, 歴史, 文法, 校正, 번역, 요약, 설명, 분석, 역사, 문법, 교정, 무엇, 왜, 다음 글, перевед, переведи, кратк, резюмир, объясн, проанализ, исправ, история росс, история мира, исторический, истории, что такое, почему, сколько, ترجم, لخص, اشرح, شرح, حلل, صحح, تاريخ, ما هو, ما هي, لماذا, كم""",
    ),
    Table(
        name="referring back, in other languages",
        points={FOLLOW_UP: 2.0},
        most=4.0,
        entries="""
            hazlo, hazla, ahora, otro, otra, más corto, más larga, más largo, más corta, continúa, sigue, añade, agrega, cambia, cámbialo, mejor, rends-le, rends, maintenant, encore, plus court, plus long, plus courte, continue, ajoute, change, change-le, un autre, une autre, mach es, mach das, mach ihn, jetzt, nochmal, noch, kürzer, länger, weiter, füge, ändere, anders, faça, agora, outro, outra, mais curto, mais longo, mais curta, adicione, mude, rendilo, rendila, fallo, ora, ancora, più corto, più breve, più lungo, più corta, continua, aggiungi, cambia, un altro, un'altra,
            再来, 再写, 再给, 再, 改成, 改为, 改一, 换成, 换一, 继续, 接着, 缩短, 短一点, 长一点, 更, 然后呢, 加上, 加入, 添加, 去掉, 删掉, 这个, 这段, 这首, 上面, 刚才, 它, 用英文, 不对, 还有, もう一, もっと, 続き, 続けて, 短く, 長く, 次は, それを, それ, これを, 変えて, 追加, 直して, 더 짧게, 더 길게, 더, 다시, 계속, 이어서, 바꿔, 추가, 그걸, 그것, 하나 더, короче, длиннее, еще, ещё, продолж, дальше, теперь, сделай это, переделай, измени, добавь, убери, другой, другую, его, اجعله, اجعلها, الآن, أكمل, اكمل, تابع, أقصر, أطول, المزيد, مرة أخرى, غير, أضف""",
    ),
)
