"""Words in other languages that speak for creative work."""

from __future__ import annotations

from langchain_novastack.policies.vocabulary import Table

CREATIVE_WORLD_TABLES: tuple[Table, ...] = (
    Table(
        name="creative work, in other languages",
        where="asked",
        verbs=("making, in other languages",),
        points={"creative": 3.5},
        entries="""
            poema, poemas, poesía, poesia, poesie, verso, versos, soneto, rima, rimas, cuento, cuentos, historia,
            historias, relato, relatos, novela, canción, canciones, letra de, letras de, guión, guion, diálogo,
            diálogos, dialogo, monólogo, monologo, escena, obra de teatro, chiste, chistes, adivinanza, eslogan,
            eslóganes, lema, anuncio, anuncios, fábula, leyenda, personaje, personajes, nombre para, nombres para,
            nombres de, trabalenguas, publicidad, texto publicitario, descripción de producto, título, títulos, haiku,
            haikus, slogan, slogans, poème, poèmes, poésie, sonnet, rimes, conte, contes, histoire, histoires, récit,
            roman, chanson, chansons, paroles, dialogue, dialogues, monologue, pièce de théâtre, sketch, blague,
            blagues, devinette, accroche, publicité, annonce, fable, légende, personnage, personnages, nom pour, noms
            pour, noms de, idées, idée, comptine, berceuse, fiche produit, titre, titres, gedicht, gedichte, reim,
            reime, vers, sonett, geschichte, geschichten, kurzgeschichte, gute-nacht-geschichte, märchen, erzählung,
            lied, lieder, liedtext, songtext, drehbuch, dialog, monolog, szene, theaterstück, witz, witze, rätsel,
            werbespruch, werbeslogan, werbetext, werbung, anzeige, fabel, sage, charakter, figur, namen für, namen,
            ideen, produktbeschreibung, titel, limerick, ballade, rap, história, histórias, conto, contos, crônica,
            romance, canção, canções, música, letra, roteiro, cena, peça, piada, piadas, charada, anúncio, propaganda,
            lenda, personagem, personagens, nome para, nomes para, ideias, ideia, legenda, legendas, cordel,
            filastrocca, storia, storie, racconto, racconti, favola, fiaba, romanzo, canzone, canzoni, testo di una
            canzone, sceneggiatura, copione, scena, barzelletta, barzellette, indovinello, pubblicità, annuncio,
            leggenda, personaggio, personaggi, nome per, nomi per, idee, idea, titolo, titoli, battute, verhaal,
            verhaaltje, sprookje, liedje, mop, ideeën, wiersz, wierszyk, opowiadanie, bajka, bajkę, historię, piosenka,
            piosenkę, scenariusz, żart, pomysły, şiir, hikaye, hikâye, öykü, masal, şarkı, şarkı sözü, senaryo, fıkra,
            reklam, bài thơ, thơ, câu chuyện, truyện, truyện ngắn, bài hát, lời bài hát, kịch bản, ý tưởng, quảng cáo,
            khẩu hiệu, puisi, cerita, cerpen, dongeng, lagu, lirik, pantun, naskah, ide, iklan, dikt, historie,
            berättelse, saga, sång, runo, tarina, poezie, poveste, báseň, pohádku, příběh, mese, történet, 故事, 诗, 歌词,
            歌曲, 首歌, 一曲, 曲子, 小说, 童话, 寓言, 神话, 剧本, 台词, 剧情, 情节, 对白, 对话, 独白, 相声, 小品, 段子, 笑话, 谜语, 绕口令, 对联, 春联, 口号, 标语, 广告, 文案,
            宣传语, 广告语, 宣传文, 宣传片, 朋友圈, 小红书, 种草, 带货, 散文, 随笔, 日记, 情书, 祝福语, 贺词, 祝词, 顺口溜, 打油诗, 儿歌, 童谣, 短剧, 话剧, 短片, 短文, 情景, 角色,
            人物, 取名, 命名, 创意, 点子, 主意, 灵感, 脱口秀, 吐槽, 梗, 续集, 番外, 同人, 营销, 推广, 产品描述, 海报, 卖点, 开头, 结尾, 散文诗, 独角戏, 段落描写, 景物描写, 物語,
            俳句, 短歌, 川柳, 小説, 詩, 童話, 歌詞, 脚本, 台本, 台詞, セリフ, シナリオ, ストーリー, ラップ, キャラクター, ジョーク, ダジャレ, なぞなぞ, 小話, 落語, 漫才, キャッチコピー,
            スローガン, 広告, 宣伝文, ネーミング, アイデア, アイディア, 案を, タイトル, 会話文, 昔話, お話, エッセイ, 紹介文, 이야기, 소설, 동화, 우화, 시를, 시 한, 동시, 시조, 노래,
            가사, 랩, 대본, 시나리오, 대사, 대화, 장면, 농담, 개그, 유머, 수수께끼, 광고, 카피, 슬로건, 표어, 아이디어, 이름, 제목, 캐릭터, 브레인스토밍, 삼행시, 독백, 편지글, 콩트,
            줄거리, 스토리, 문구, стих, рассказ, сказк, истори, новелл, роман, песн, песен, сценари, диалог, монолог, сцен,
            шутк, анекдот, загадк, слоган, реклам, персонаж, иде, назван, имен, басн, легенд, рэп, частушк, баллад,
            хокку, хайку, поэм, тост, поздравлен, заголовк, пост, фанфик, рассказик, повест, сюжет, продающ, куплет,
            вірш, оповідання, казк, قصة, قصيدة, شعر, اغنية, أغنية, كلمات, حكاية, رواية, مسرحية, حوار, سيناريو, مشهد,
            نكتة, نكت, لغز, شعار, اعلان, إعلان, شخصية, افكار, أفكار, اسم, أسماء, خاطرة, مونولوج, سكريبت, वाक्य कविता,
            कविता, कहानी, गीत, चुटकुला, 一首, 诗歌, 想法, letra de canción, cuento infantil, cuento de terror, carta de amor,
            trama, final alternativo, microrrelato, copla, refrán, acertijo, copys, copy, eslóganes publicitarios,
            campaña, campaña publicitaria, publicación para instagram, post para instagram, tuit, nombres creativos,
            nombre creativo, lluvia de ideas, brindis, discurso de boda, parodia, sátira, juego de rol, mundo
            fantástico, superhéroe, villano, lettre d'amour, fin alternative, calembour, jeu de mots, devinettes,
            accroches, campagne publicitaire, post instagram, légende instagram, noms créatifs, texte publicitaire,
            discours de mariage, parodie, satire, intrigue, haïku, alexandrins, liebesbrief, ende der geschichte,
            wortspiel, wortspiele, werbekampagne, instagram-post, namensvorschläge, name für, spruch, sprüche,
            hochzeitsrede, handlung, fantasiewelt, trocadilho, campanha, campanha publicitária, post para o instagram,
            nomes criativos, brinde, discurso de casamento, enredo, lettera d'amore, finale alternativo, gioco di
            parole, campagna, campagna pubblicitaria, nomi creativi, discorso di nozze, slogan pubblicitario,
            didascalia, fan fiction, fanfic, ballata, balada, monólogos, soliloquio, elegía, oda, ode, himno, hymne,
            inno, filastrocche, ninna nanna, canción de cuna, wiegenlied, schlaflied, 开场白, 主持词, 颁奖词, 宣言, 名字, 店名, 昵称, 网名,
            品牌名, nombres, nombre, nombres originales, cuentito, cuento para niños, cuento para dormir, cuento de hadas,
            cuento de navidad, historia corta, historia de terror, historia de amor, historia divertida, décima,
            cuarteto, estrofa, villancico, fan fic, guion de, sketch cómico, monólogo cómico, tema de reggaetón, campaña
            de, lemas, titulares, titular, copy para, microcuento, crónica, carta al, carta desde, diario de, aventura,
            mundo ficticio, raza alienígena, criatura, poema de amor, ideas, nom, noms, histoire courte, histoire drôle,
            petite histoire, conte de noël, poème d'amour, nouvelle, scénario, scène, saynète, nom accrocheur, slogans
            publicitaires, la suite, suite de, fin de l'histoire, personnage de, couplet, refrain, rap sur, chanson sur,
            lettre du, journal intime, aventure, univers, gutenachtgeschichte, liebesgeschichte, gruselgeschichte,
            horrorgeschichte, fantasygeschichte, weihnachtsgeschichte, kindergeschichte, tiergeschichte,
            abenteuergeschichte, liebesgedicht, naturgedicht, weihnachtsgedicht, geburtstagsgedicht, kurzgedicht,
            geburtstagsspruch, krimi, romananfang, fortsetzung, songtexte, raptext, rap-text, theaterszene, sketche,
            wortwitz, produktnamen, firmennamen, spitznamen, blogtitel, tagebucheintrag, büttenrede, trinkspruch,
            ansprache, rede zur hochzeit, nomes, nome, historinha, história de terror, história de amor, poemas de amor,
            soneto de, letra de música, letra de um, samba, rap sobre, funk sobre, slogan para, sugestões de nomes,
            diálogo entre, microconto, crônicas, mundo fictício, fanfics, nomi, storiella, storia breve, storia d'amore,
            storia horror, racconto breve, dialogo tra, battuta, brindisi, ninnananna, rap su, canzone su, copy per,
            nomi originali, idee originali, naam, verhaaltjes, gedichten, dialoog, sprookjes, versje, ideetjes, nazwa,
            nazwę, nazwy, hasło reklamowe, hasło, opowiadania, wierszyki, limeryk, fraszkę, kołysankę, bajeczkę, isim,
            isimler, diyalog, tekerleme, ninni, şaka, bilmece, tên, câu đố, đoạn thoại, truyện cười, bài rap, slogan
            quảng cáo, bài văn tả, nama, nama merek, cerita pendek, cerita lucu, cerita anak, syair, sajak, lelucon,
            teka-teki, sketsa, novel, 微小说, 短篇, 短篇小说, 中篇, 小小说, 第一章, 第二章, 大结局, 结局, 反转, 人设, 小传, 人物小传, 世界观, 番外篇, 说唱, 主歌, 副歌,
            绝句, 律诗, 七律, 五律, 七绝, 词牌, 现代诗, 情诗, 藏头诗, 三行诗, 广告词, 广告文案, 宣传文案, 种草文案, 短视频脚本, 短视频文案, 视频脚本, 分镜, 口播, 直播话术, 品牌故事,
            店铺名, 公司名, 书名, 朋友圈文案, 誓词, 祝酒词, 婚礼致辞, 祝福, 生日祝福, 情话, 土味情话, 冷笑话, 谐音梗, 鬼故事, 恐怖故事, 睡前故事, 寓言故事, 童话故事, 爱情故事, 科幻故事,
            武侠, 同人文, 内心独白, 旁白, 开场, 记叙文, 抒情, 杂文, 叙事, 物语, 游戏剧情, 剧本片段, 桥段, 对联上联, 下联, 谜面, 小剧场, 情景对话, 节目, 冒頭, 一発ギャグ, ギャグ,
            大喜利, あらすじ, プロット, 世界観, 短い話, 怖い話, 恋愛小説, 二次創作, 作詞, 標語, 商品名, バンド名, 발라드, 동요, 웹소설, 팬픽, 소설의, 소설을, 공포 이야기, 괴담, 무서운
            이야기, 시 를, 삼행시를, 오행시, 건배사, 상호, 가게 이름, 제품명, 별명, 세계관, 설정, 명대사, 상황극, стишок, стишки, стихотворение, сказочк,
            повесть, продолжение, концовк, завязк, слоганы, название, названия, названий, имя для, имена, кличк,
            описание персонажа, поздравление, частушки, эпиграмм, ода, оду, гимн, колыбельн, миниатюр, пьес, пьесу,
            скетч, квест, легенду, миф, притч, страшилк, хоррор, ужастик, приключен, вселенн, фантастическ, خرافة,
            أسطورة, اسطورة, اسما, اسم تجاري, أسماء تجارية, عنوان, عناوين, مقدمة رواية, قصيدة نثر, خاطرة عن, أغنية عن,
            اعلانا, إعلانا, شعارا, حوارا, مشهدا, نصا مسرحيا, نصا إبداعيا, لحن, أنشودة, أحجية, طرفة, بيت شعر, أبيات,
            حبكة, نهاية, تكملة, शायरी, ग़ज़ल, दोहा, नारा, विज्ञापन, नाटक, संवाद, हास्य, पहेली, लोरी, उपन्यास, नाम सुझा,
            标题党, 爆款标题, 吸引人的标题, 一首歌, 世界设定, 一段场景, 名前を, 角色设定, 推荐语, 悲剧结局, 结局改写, 营销创意, 十四行诗, 微电影, 腰封, carta de despedida,
            carta de un, carta de una, lettre d'adieu, lettre d'un, lettre d'une, abschiedsbrief, brief eines, brief
            einer, lettera d'addio, lettera di un, carta de um, recette magique, receta mágica, motto, logo, parodia de,
            un rap, ein rap, um rap, leyenda inventada, legende, あらすじを考, あらすじを書, fortsetzung von, suite de l'histoire,
            sequel de, 片段, 小片段, 一个片段, 话を書, 发生在""",
    ),
    Table(
        name="creative words in other languages",
        points={"creative": 1.6},
        entries="""
            poema, poemas, cuento corto, canción, chiste, guion, relato corto, lluvia de ideas, creativa, creativos, que
            rime, rima, eslogan, personaje, poème, poèmes, chanson, blague, remue-méninges, créatif, qui rime, conte de
            fées, gedicht, kurzgeschichte, märchen, liedtext, werbeslogan, brainstorme, kreativ, kreative, drehbuch,
            witz, poesia, canção, piada, roteiro, criativo, criativa, conto de fadas, canzone, filastrocca, racconto,
            barzelletta, creativo, fiaba, favola, sceneggiatura, sprookje, wiersz, opowiadanie, bajka, şiir, masal,
            hikaye, bài thơ, truyện ngắn, bài hát, puisi, cerpen, dongeng, pantun, ý tưởng, ide kreatif, 故事, 诗, 歌词, 小说,
            童话, 寓言, 剧本, 头脑风暴, 笑话, 口号, 标语, 广告语, 广告, 文案, 台词, 剧情, 续写, 作词, 对联, 散文, 科幻, 奇幻, 武侠, 玄幻, 言情, 悬疑, 穿越, 主人公, 主角, 男主,
            女主, 虚构, 想象力, 浪漫, 幽默, 押韵, 打油诗, 七言, 五言, 绝句, 律诗, 填词, 宋词, 意境, 拟人, 营销, 口吻, 物語, 俳句, 川柳, 小説, 童話, 歌詞, ラップ, 脚本, セリフ,
            创作, 創作, ブレインストーミング, ブレスト, 面白い, 동화, 소설, 가사, 시나리오, 브레인스토밍, 농담, 재미있, 창의적, 삼행시, 독백, 등장인물, стих, рассказ, сказк,
            песн, рэп, шутк, слоган, креатив, мозгов, персонаж, смешн, фэнтези, рифм, в стиле, قصيدة, قصة, شعر, أغنية,
            حكاية, خيال, إبداع, عصف ذهني, कविता, कहानी, 一首, había una vez, érase una vez, il était une fois, es war
            einmal, era uma vez, c'era una volta, en el estilo de, al estilo de, à la manière de, dans le style de, im
            stil von, no estilo de, nello stile di, propuestas creativas, ideas creativas, ideas para, ideas de, nombres
            para, idées pour, idées de, noms pour, ideen für, namen für, ideias para, ideias de, nomes para, idee per,
            nomi per, ideeën voor, pomysły na, gracioso, divertido, humorístico, rimado, drôle, humoristique, lustig,
            lustige, lustiges, witzig, humorvoll, engraçado, engraçada, divertente, gereimt, 灵感, 点子, 取名, 起名, 名字建议, 写首,
            写诗, 小诗, 现代诗, 古诗, 情诗, 藏头诗, 仿写, 扩写, 改编, 情景剧, 剧本杀, 同人, 网文, 番外, 脑洞, 脑暴, 鬼故事, 睡前故事, 段子, 相声, 小品, 脱口秀, 吐槽, 朋友圈,
            小红书, 种草, 宣传语, 广告词, 情书, 彩虹屁, 诗意, 想象, 幻想, 拟声, 比喻, 排比, 世界观, 人设, 反派, 侠客, 魔法, 末日, 外星, 吸血鬼, 精灵, 物語を, 小話, ダジャレ,
            なぞなぞ, キャッチコピー, 名前を考, ネーミング, アイデア, アイディア, 創造的, ユーモア, 面白おかしく, 一句, 詩を, 歌を, 曲を, ファンタジー, 恋愛小説, 二次創作, 設定を考, 아이디어,
            이름 추천, 이름을 지, 작명, 슬로건, 광고 문구, 카피라이팅, 판타지, 로맨스, 웹소설, 팬픽, 드립, 유머, 재밌, 웃긴, 감성적, 창작, идеи для, идей для,
            названи, имена для, придум, смешную, забавн, юмор, фанфик, в рифму, сочини, фантаст, волшеб, драм, ужас,
            юморист, افكار ل, أفكار ل, اسماء ل, أسماء ل, مضحك, فكاهي, خيالي, ابداعي, إبداعي, شعار, كوميدي, حوار بين,
            مسرحي, 个名字, 想个名, 起个名, 起名字, 取个名, 俳句を, 短歌を, 川柳を, придумай, придумайте, сочините, 的风格写, 文风, 我们来对话, 我们来演, 幽默风趣,
            名前を, 会話を, を考えて, 面白く, なぞかけ, 模仿, 笔触, 描写一, 描绘一, 画面感, érase, cuento para, cuento sobre, poema sobre, canción
            sobre, historia sobre, fanfic de, chiste sobre, chistes de, con rimas, en rima, en verso, versos sobre,
            eslogan para, nombre original, nombres originales, nombres creativos, nombre para, ideas originales, lema
            para, anuncio para, letra de una canción, escena en la que, escena de, pegadizo, pegadiza, imaginativo,
            divertida, terrorífico, de fantasía, ciencia ficción, de hadas, poème sur, histoire drôle, histoire de
            fantômes, chanson sur, un nom accrocheur, slogan pour, nom pour, en alexandrins, en vers, en rimes,
            accrocheur, accrocheuse, imaginaire, fantastique, science-fiction, effrayant, effrayante, conte de noël, la
            suite :, gedicht von, geschichte von, in reimen, in versform, spruch für, slogan für, eingängig,
            eingängigen, fantasievoll, gruselig, gruselige, spannende geschichte, gutenachtgeschichte, liebesgeschichte,
            horrorgeschichte, kurzgeschichten, conto sobre, música sobre, história sobre uma, em versos, com rimas,
            slogan para, nomes criativos, nome criativo, ideias criativas, de fantasia, ficção científica, assustador,
            assustadora, poesia su, storia su, favola su, filastrocca su, in rima, in versi, slogan per, nome per,
            fantasioso, spaventoso, fantascienza, divertente su, gedicht over, verhaal over, rijm, grappig, grappige,
            spannend verhaal, wiersz o, opowiadanie o, bajkę o, zabawny, śmieszny, rymowan, komik, korku hikayesi, kısa
            hikaye, şiiri, ilham verici, thơ lục bát, lục bát, truyện cổ tích, hài hước, kể chuyện, puisi tentang,
            cerita tentang, lucu, seram, imajinatif, 微小说, 反转, 悬疑小说, 赛博朋克, 废土, 第一章, 人物小传, 世界观设定, 小红书文案, 广告文案, 短视频脚本,
            朋友圈文案, 说唱, 副歌, 誓词, 杂文, 冷笑话, 七律, 春联, 有创意, 创意名, 想十个名字, 想几个名字, 想个名字, 十个名字, 几个名字, 名字和, 口吻吐槽, 人物形象, 以第一人称, 用第一人称,
            第三人称, 风格写, 风格改写, 写一段对话, 的对话, 对白, 神仙, 妖怪, 鬼怪, 修仙, 仙侠, 重生, 霸总, 总裁文, 甜文, 虐文, 爽文, 耽美, 转生, 異世界, 転生, 冒頭, 一人称, ホラー,
            怖い話, ギャグ, 大喜利, 笑える, 泣ける, 恋愛, 魔王, 勇者, 주인공, 판타지 소설, 로맨스 소설, 무협, 회귀, 빙의, 괴담, 웃음, 감동적인 이야기, 짧은 이야기, 짧은 소설, 상상의,
            동화를, 동화책, в жанре, фантастик, хоррор, ужасов, киберпанк, стимпанк, сказочн, вымышлен, выдуман, эльф, дракон,
            ведьм, колдун, романтическ, от первого лица, в стихах, стихами, рифмован, продолжи истори, придумай имя,
            придумай названи, оригинальное назван, креативн, قصة قصيرة, قصة عن, قصيدة عن, شعر عن, خيال علمي, أسطوري,
            مبتكر, مبتكرا, مبتكرة, اسما مبتكرا, طريفة, نكتة, على لسان, بأسلوب, सुंदर कविता, मज़ेदार, काल्पनिक, डरावनी,
            परी कथा, 婚礼誓词, 婚礼致辞, historia de terror, cuento de terror, conto de terror, قصة رعب, 婚礼上新郎, 婚礼祝福, 描写一场,
            描写一位, 描写一座, 描写一段, 悲剧结局, 喜剧结局, 改成悲剧, 改写结局, 推荐语, 腰封, 宣传文案, 营销创意, 创意点子, 猫娘, 傲娇, 你是一只, 接着写, 接下去写, 往下写, 开篇, 开头写,
            想个, 好听的名字, 几个好听, 古风, 画面描写, 环境描写, 心理描写, 微电影, 话剧, 一幕, 十四行诗, 散文诗, опиши город, describe una ciudad imaginaria,
            primera escena, première scène, première page, le début d'un roman, début d'un roman, l'inizio di un
            romanzo, inizio di un romanzo, primo capitolo, primer capítulo, inicio de una novela, comienzo de una
            novela, romananfang, erstes kapitel, anfang einer geschichte, início de um romance, primeiro capítulo,
            начало романа, первую главу, первая глава, 첫 장면, 첫 문장, 첫 챕터, ideas de regalos, idées de cadeaux, idées
            originales, idee originali, originelle ideen, lustige ideen, ideias originais, trinkspruch, brindis,
            brindisi, kołysankę, canción de cuna, berceuse, wiegenlied, ninna nanna, canção de ninar, колыбельн, campaña
            publicitaria, bande dessinée, super-herói, superhéroe, super-héros, superheld, supereroe, супергеро, ponle
            nombre, pon nombre, romanzo giallo, roman policier, fable à la manière, inventa un personaje, invente un
            personnage, хокку, тост, поздравлени, 카피 문구, 要好笑, 好笑, 搞笑, 改编成, 写日记, 当一回, 当一次, 扮一回, 一句slogan, 魔法食谱, recette
            magique, potion magique, receta mágica, carta de despedida de, carta de amor, lettre d'adieu d'un, lettre
            d'amour, abschiedsbrief eines, liebesbrief, carta de despedida, lettera d'addio, lettera d'amore, прощальное
            письмо, любовное письмо, leyenda inventada, légende inventée, selbst erfunden, 架空の, 가상의, выдуманн,
            вымышленн, مدينة تحت, خيالية, aus sicht eines, aus sicht einer, aus der sicht, witzigen spruch, 以下场景, 场景的细节,
            细节和氛围, 生动的形象, 独特的角色, 描绘以下, 描绘一个, 描写一个, 富有想象力, 写个片段, 写一个片段, 如果发生在, 话を書いて, タイムスリップ, 話を書い, qué nombre le, cómo
            llamarías, una leyenda, une légende, eine legende, invente une, inventa una, inventa un, erfinde eine,
            invente um, 一言どうぞ""",
    ),
    Table(
        name="creative work before its verb",
        points={"creative": 3.2},
        most=4.8,
        entries="""
            俳句を, 短歌を, 川柳を, 詩を, 物語を, 小説を, 童話を, 昔話を, 歌詞を, 脚本を, 台本を, シナリオを,
            ストーリーを, お話を, ジョークを, ダジャレを, なぞなぞを, キャッチコピーを, スローガンを, 名前を考え,
            名前を付け, アイデアを, アイディアを, ラップを, セリフを, 会話を書, 広告文を, 物語の続き, 続きを書,
            시를, 시 한, 동시를, 시조를, 삼행시, 이야기를 써, 이야기를 만, 이야기를 들려, 이야기 써, 이야기 하나,
            이야기를 지, 뒷이야기, 소설을, 동화를, 우화를, 노래를 만, 노래 가사, 가사를, 랩을, 대본을, 시나리오를,
            대사를, 농담을, 농담 하나, 수수께끼를, 광고 문구, 광고 카피, 슬로건을, 이름을 지어, 이름 지어,
            이름을 추천, 이름 추천, 아이디어를, 아이디어 좀, 줄거리를 만, 편지를 써, कविता लिख, कहानी लिख,
            कहानी सुना, चुटकुला, şiir yaz, hikaye yaz, hikâye yaz, masal anlat, şarkı sözü yaz, gedicht über,
            gedicht zu, geschichte über, witz über, märchen über, lied über, namen für, ideen für, slogan für,
            冒頭を, 物語の冒頭, 小説の冒頭, ギャグを, 一発ギャグ, 大喜利, プロットを, キャラクターを考,
            キャラクターを作, 設定を考え, 世界観を, 店名を, 商品名を, バンド名を, 標語を, 詩の, 歌を作, 曲を作,
            怖い話を, 恋愛小説を, 短い話を, 手紙風に, ポエムを, 漫才を, 落語を, コントを, 替え歌, 시 써, 시 하나,
            시 를, 발라드, 노랫말, 괴담을, 무서운 이야기, 소설 써, 소설 한, 동화 써, 동화 한, 상호를, 가게 이름,
            별명을, 세계관을, 팬픽을, 웹소설, 건배사, 이행시, 오행시, 아재개그, 드립을, 대사를 써, 독백을, 상황극,
            캐릭터를, 이름을 열, 이름을 다섯, 이름을 몇, 이름 열, 이름 몇, 카피를, 문구를, कविता सुना, कहानी लिखो,
            कहानी सुनाओ, गीत लिख, शायरी लिख, संवाद लिख, नाम सुझा, şiir, hikâye, hikaye, masal, bir şiir yaz,
            fıkra anlat, slogan bul, isim öner, isim bul, 名前を提案, 名前を10個, 名前を5つ, 名前を五つ,
            名前をいくつか, 名前の案, 名前案, 短編小説, 短編を, 이야기 한, 짧은 시, 시 한 편, 동시 한, 宣伝文を,
            キャプションを, 続編を, 設定を作, 設定を考, 段子, 续写, 接着写, 改写成故事""",
    ),
    Table(
        name="role play in other languages",
        points={"creative": 2.6},
        most=5.2,
        entries="""
            imagina que, imagínate, imagine que, imagina, actúa como, actua como, haz de, hazte pasar, finge, ponte en
            el lugar, juego de rol, imagine que tu, imaginez que, imagine-toi, fais comme si, joue le rôle, agis comme,
            mets-toi dans, mettez-vous, jeu de rôle, en tant que, stell dir vor, stellen sie sich, angenommen, tu so
            als, tun sie so, spiel die rolle, spiele die rolle, du bist ein, du bist eine, sie sind ein, rollenspiel,
            als ob du, versetze dich, finja, finja que, imagine que você, aja como, atue como, faça de conta, no papel
            de, você é um, você é uma, fai finta, immagina, immagina di, immaginate, comportati come, fingi, agisci
            come, interpreta, eres un, eres una, tu es un, tu es une, vous êtes un, sei un, sei una, gioco di ruolo, doe
            alsof, stel je voor, wyobraź sobie, udawaj, hayal et, gibi davran, hãy tưởng tượng, đóng vai, nếu bạn là,
            bayangkan, berpura-pura, jika kamu adalah, como colono, como colonizador, en tant que colon, 扮演, 假设自己, 想象你,
            想象自己, 想像你, 想像自己, 把自己想象, 把自己想像, 你现在是, 现在你是, 请你作为, 作为火星, 以一位, 以一个, 以第一人称, 第一人称, 你将扮演, 你要扮演, 模拟, 充当, 角色扮演, 的口吻,
            的语气, 的身份, 你叫, 我是你, 假想, 设想你, 化身, 穿越到, だと思って, ふりをして, なりきっ, になったつもり, 演じて, 役割, 想像して, として振る舞, と仮定, もし私が, もし君が,
            移民として, ロールプレイ, だったら, 만약 만약에, 당신이, 라고 가정, 가정해, 가정하, 척하, 인 척, 상상해, 상상하, 역할을, 역할극, 로서, 입장에서, 라고 생각하고,
            представь, представьте, вообрази, вообразите, притвор, веди себя как, действуй как, ты теперь, сыграй роль,
            в роли, играй роль, от лица, будь, если бы ты, если бы вы, تخيل, لو كنت, إذا كنت, اذا كنت, تظاهر, ضع نفسك,
            كونك, تصرف ك, العب دور, ادع, بصفتك, कल्पना, मान लो, actúa como si, compórtate como, interpreta a, interpreta
            el papel, eres el, juguemos, ponte en la piel, haz como si, tu es le, tu joues, joue le rôle de, incarne,
            incarnez, prends le rôle, du spielst, du bist der, du bist die, verhalte dich, übernimm die rolle, spiele
            einen, du bist jetzt, você é o, você agora é, interprete, assuma o papel, tu sei un, tu sei una, tu sei il,
            mettiti nei panni, nei panni di, interpreta il ruolo, jij bent een, jesteś, sen bir, anda adalah, kamu
            adalah, bạn là một, hãy đóng, wie würdest du dich, comment te présenterais, 演一, 演绎, 饰演, 人设, 假设我是, 假如我是,
            从现在开始你, 接下来你, 请以, 用鲁迅, 以李白, 我们来玩, 玩一个游戏, 角色设定, 进入角色, 代入, あなたになりき, になりきって, 役になっ, 役を演, キャラで, 口調で, のつもりで, 君は今,
            너는 이제, 너는 지금, 네가, 연기해, 말투로, 빙의, 롤플레이, ты —, ты персонаж, давай поиграем, поиграем в, отыгрыв, ролев, от
            имени, ты играешь, انت الان, أنت الآن, مثل دور, لعب أدوار, تقمص, تصرف وكأنك, fingir que eres, finge ser,
            finge que eres, hazte pasar por, hablemos como, habla como, juega el papel, quédate en tu papel, sin salir
            del personaje, reste dans ton personnage, reste dans le rôle, parle comme un, tu joues le rôle, jouons à,
            faisons un jeu de rôle, incarne un, bleib in der rolle, bleib in deiner rolle, spiel einen, sprich wie ein,
            rede wie ein, spielen wir, wir spielen, tu so, lass uns ein rollenspiel, finja ser, faça o papel de, fique
            no personagem, fale como um, vamos jogar, vamos fazer um rpg, resta nel personaggio, parla come un,
            giochiamo, fai la parte, recita la parte, speel de rol, praat als een, blijf in je rol, wcielasz się, wciel
            się, zagrajmy, rol yap, rolüne gir, canlandır, nhập vai, hãy nhập vai, bermain peran, berperanlah, 扮演一,
            请你扮演, 来扮演, 你是孙悟空, 你会怎么说, 你会怎么做, 我是你的, 会怎么评价, になってください, として話して, として会話, のように話して, 感想を話して, 役になりきって, ごっこ, 네가 만약,
            처럼 말해, 인 것처럼, 이라고 상상, 연기해줘, 반응을 해, 라고 생각해, говори как, притворись, ты играешь роль, расскажи о своём,
            расскажи о своем, останься в образе, в образе, تحدث كأنك, تخيل أنك, تخيل انك, تكلم كأنك, مثّل دور, كأنك,
            لعبة أدوار, कल्पना करो, मान लीजिए, अभिनय, 从他的视角, 从她的视角, 以猫的视角, 的视角写, 视角讲述, 视角写, глазами последнего, глазами,
            stelle dir vor, eres el personaje, tu t'appelles, du heißt, você se chama, ti chiami, тебя зовут, なりきって会話,
            ツンデレ, 幼なじみ, 从现在开始你是, 从现在起你是, 你是一只, 你扮演, 文字冒险, 冒险游戏, 当主持人, 你当""",
    ),
    Table(
        name="if you were, in other languages",
        points={"creative": 3.6},
        most=3.6,
        entries="""
            si fueras, si fueses, fingieras, si tu étais, si vous étiez, faites semblant, fais semblant,
            wenn du ein, wenn sie ein, wärst, wären sie, se você fosse, como se fosse, se fossi, se tu fossi,
            se fossi un, 如果你是, 假如你是, 假设你是, もしあなたが, 假装, si yo fuera, si j'étais, wenn ich ein,
            se eu fosse, tu serais, als je een, gdybyś był, eğer sen, nếu bạn là, jika kamu adalah, если бы ты был,
            если бы вы были, لو كنت, 만약 당신이, 네가 만약, 假如我是, 如果我是, 要是你是, もし私が,
            supponendo di essere, supponi di essere, supondo que és, supondo que você, suponiendo que eres,
            supón que eres, supposons que tu, supposez que vous, angenommen du, nehmen wir an du, افترض أنك,
            افترض انك, تصور أنك, تصور انك, 假定你是, 设想你是, 仮にあなたが""",
    ),
    Table(
        name="perhaps a role, in other languages",
        points={"creative": 1.2},
        most=2.4,
        entries="""
            作为一个, 作为一名, 作为一位, 你是一, 你是, 身为, 的角度, 되어, come un, supponendo, supondo,
            suponiendo, supposons, supposez, nehmen wir an, als ritter, als zeitreisender, افترض, بوصفك, 我希望你,
            我想让你, 당신이, 당신은, として, あなたが, あなたは, 会说话, 당신은 이제, 너의 역할, ты —, ты -, вы —,
            jij bent, jesteś, sen bir, bạn là, kamu adalah""",
    ),
    Table(
        name="verse and stories in more languages",
        points={"creative": 2.2},
        most=4.4,
        entries="""
            داستان, شعری, شعر کوتاه, قصه, ترانه, شعر بنویس, داستان کوتاه, کہانی, نظم, غزل, نغمہ, שיר, סיפור,
            סיפור קצר, בדיחה, סיסמה, מכתב אהבה, ποίημα, ιστορία για, παραμύθι, διήγημα, τραγούδι, ανέκδοτο, σύνθημα,
            กลอน, นิทาน, เรื่องสั้น, บทกวี, แต่งเพลง, เนื้อเพลง, สโลแกน, มุกตลก, কবিতা, গল্প, গান, ছড়া, கவிதை, கதை,
            பாடல், కవిత, కథ, పాట, ಕವಿತೆ, ಕಥೆ, കവിത, കഥ, કવિતા, વાર્તા, ਕਵਿਤਾ, ਕਹਾਣੀ, वार्ता, कथा, गोष्ट, ကဗျာ,
            ლექსი, მოთხრობა, բանաստեղծություն, вірш, оповідання, казк, пісн, приказк, стихотв, разказ, песма, песму,
            прич, бајк, өлең, әңгіме, ертегі, шеър, ҳикоя, verset, verseket, egy vers, mesét, novellát, történetet,
            dalszöveget, viccet, szlogent, báseň, básničku, pohádku, příběh, povídku, vtip, píseň, básne, rozprávku,
            príbeh, poveste, poezie, o poezie, cântec, glumă, poem despre, dikt, dikten, novell, berättelse, sång,
            vits, slagord, digt, historie om, eventyr, fortælling, vise om, vittighed, runo, runon, tarina, laulu,
            vitsi, iskulause, pjesmu, priču, bajku, pesem, zgodbo, pravljico, šalu, luuletus, muinasjutt, dzejoli,
            stāstu, pasaku, eilėraštį, istoriją apie, pasaką, poezi, tregim, përrallë, tula, tulang, kwento,
            maikling kwento, sajak, cerita, pantun, lagu, gurindam, shairi, hadithi, wimbo, storie oor, liedjie,
            poema sobre, olerki, ipuin, conte curt, cançó, relato curto, cerdd, amhrán, scéal""",
    ),
    Table(
        name="ask for a name, in other languages",
        points={"creative": 2.6},
        most=2.6,
        entries="""
            wie könnte, wie soll ich meinen, wie soll ich meine, wie nenne ich, cómo podría llamar, cómo llamar a,
            cómo llamarías, comment appeler, comment nommer, como chamar, que nome dar, come chiamare,
            come potrei chiamare, как назвать, 叫什么好, 起什么名, 取什么名, 叫什么名字好, 何て名付け,
            뭐라고 부를까, 이름 뭐가 좋""",
    ),
    Table(
        name="a story begins, in other languages",
        where="opening",
        points={"creative": 0.8},
        most=1.6,
        entries="""
            un hombre, una mujer, había, en un mundo, érase, un homme, une femme, dans un monde, il était, ein mann,
            eine frau, in einer welt, es war, um homem, uma mulher, em um mundo, num mundo, un uomo, una donna,
            in un mondo, в мире, однажды, один человек, жил-был, 从前, 很久以前, 某天, ある日, 昔々, むかしむかし,
            옛날, 어느 날, في عالم, ذات يوم, कभी""",
    ),
)
