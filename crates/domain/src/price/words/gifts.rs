//! Words that say that a thing is given away, and what they are said of when it is not.

use super::role::Role::{self, Free, Gift, GiftNoun, NotAGift};

pub(super) const GIFTS: &[(Role, &str)] = &[
    (
        Gift,
        "for_free giveaway give_away giving_away free_to_collect free_to_collector free_to_a_good_home free_to_good_home free_for_pickup zu_verschenken verschenke zuverschenken verschenken geschenkt zum_verschenken kostenlos_abzugeben \
            umsonst a_donner à_donner donne je_donne a_donner_gratuitement don_gratuit se_regala se_regalan regalo_por regalo_mueble lo_regalo doacao doação doa-se doa_se para_doar ofereco offro_gratis in_regalo regalasi da_regalare si_regala \
            te_geef gratis_af_te_halen gratis_op_te_halen weggeven bortskankes bortskänkes skankes skänkes skanks gives_bort gives_væk gis_bort gis_bort_gratis foraeres foræres bort_gives annetaan lahjoitetaan annetaan_ilmaiseksi ilmaiseksi saa_hakea \
            oddam za_darmo oddam_za_darmo oddam_w_dobre_rece za_darmo_oddam daruji daruju darujem za_odvoz zadarmo za_odvoz_ elviheto elvihető ingyen_elviheto ajandekba ajándékba de_donat donez ofer_gratuit се_подарява подарявам \
            отдам отдам_даром даром отдаю в_дар в_добрые_руки безвозмездно віддам віддам_безкоштовно віддам_даром poklanjam poklanjamo poklon podarim podarjam χαριζεται χαριζω χαριζονται bedava_verilir ucretsiz_verilecektir \
            للاهداء هدية_مجانا מוסרת למסירה מוסר 免费送 免費送 免费赠送 免費贈送 白送 送出 赠送 贈送 0元 差し上げます 無料であげます あげます お譲りします無料 무료나눔 나눔 무나 무료_나눔 나눔합니다 cho_tang cho_tặng tang_mien_phi tặng_miễn_phí tặng dijual_gratis \
            แจกฟรี ให้ฟรี dovanoju atiduodu atdod atdodu atdošu_par_velti par_velti tasuta_ara ara_anda ära_anda gefins gefst_gefins",
    ),
    (
        Free,
        "free gratis kostenlos kostenfrei gratuit gratuite gratuits gratuitement gratuito gratuita grátis ilmainen ilmaiset zdarma ingyen ingyenes gratuit. бесплатно безкоштовно безплатно besplatno brezplacno brezplačno δωρεαν ucretsiz ücretsiz bedava مجانا مجاني مجانًا رایگان חינם בחינם \
            免费 免費 無料 タダ ただ 무료 공짜 mien_phi miễn_phí percuma ฟรี मुफ्त मुफ़्त निःशुल्क বিনামূল্যে nemokamai bez_maksas tasuta darmowe darmowy za_free okeypis ókeypis",
    ),
    (
        NotAGift,
        "shipping ship delivery postage post p&p p p_&_p estimate estimates quote quotes trial consultation returns return install installation standing weights weight gift gifts with range style wheel wheels shipped spirit people willy \
                agent lance fall man bird fly will press form hand verse speech world download downloads wifi wi parking entry admission ticket tickets sample samples access account accounts app apps valuation pickup upgrade upgrades bonus \
                motion flow flowing spins ride diving dive lunch breakfast drinks checked lancer hold case cable charger bag battery warranty service advice to play fire jazz cell mason masons lander electron solo guy city air x agents run runs lossless kick throw dom lady \
                versand lieferung verzending livraison envio spedizione frete frakt fragt levering toimitus dostawa wysylka doprava szallitas livrare доставка dostava kargo ongkir ship_ estimation valuation_ parcheggio parken wlan beratung probefahrt installationen spiel spiele spielen \
                parken parkplatz parkeren parkeerplaats parking parkering pysäköinti parcamento parcheggio_privato aparcamiento estacionamiento estacionamento parkowanie parkovani парковка otopark parkir ที่จอดรถ חניה \
                bezorgen bezorging thuisbezorgd verzenden levering hemleverans hjemlevering kuljetus przesylka przesyłka wysyłka odbior montaż montage montaggio installazione instalação instalacion instalación installatie zustellung anlieferung \
                beratungsgespräch angebot kostenvoranschlag devis preventivo presupuesto orçamento wycena offerte прошивка замер установка консультация подарок montaj \
                免费送货 免費送貨 免费送货上门 免費送貨上門 免费送达 免費送達 配送 配達 送货 送貨 送货上门 送貨上門 运送 運送 快递 快遞 运费 運費 邮费 郵費 寄送 安装 安裝 停车 停車 停车位 停車位 咨询 諮詢 咨詢 试用 試用 体验 體驗 下载 下載 维修 維修 保养 保養 估价 估價 \
                相談 見積 見積もり 見積り 駐車場 駐車 お試し 体験 ダウンロード 設置 引取 引き取り 回収 出張 配送 배송 배달 설치 주차 체험 견적 다운로드 상담 \
                vận_chuyển van_chuyen giao_hàng giao_hang giao_tận_nơi lắp_đặt lap_dat tư_vấn tu_van gửi_xe đỗ_xe bảo_hành bao_hanh ship pengiriman antar pasang konsultasi penghantaran จัดส่ง ส่ง ติดตั้ง ปรึกษา توصيل التوصيل شحن الشحن משלוח התקנה डिलीवरी डिलिवरी",
    ),
    (
        GiftNoun,
        "couch sofa couches sofas furniture bed beds bunk mattress mattresses desk desks table tables chair chairs dresser bookshelf bookcase shelf shelves cabinet cabinets wardrobe recliner loveseat ottoman rug carpet curtains lamp lamps tv television tvs piano organ keyboard upright fridge \
                refrigerator freezer washer dryer washing stove oven dishwasher microwave grill bbq hot hottub tub wood firewood lumber pallets pallet logs mulch dirt soil fill gravel rocks rock bricks brick concrete sand topsoil compost manure horse chicken kittens kitten puppies puppy cat cats dog dogs rooster roosters hens rabbit \
                rabbits fish aquarium plants plant pots trees tree bushes bush shrubs moving boxes box cardboard packing clothes clothing baby kids toys toy books magazines stuff items item things misc scrap metal appliances appliance curb curbside alert everything garage bike bicycle treadmill exercise elliptical crib stroller car trampoline \
                swing playset playground fence fencing windows window doors door toilet sink tiles tile paint printer monitor computer old large small big nice good great used two three four several wooden queen king twin full double single sectional patio outdoor office leather antique electric broken working vintage for pick must come",
    ),
];
