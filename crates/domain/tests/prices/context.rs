//! Amounts that are no price, and words about offers.

use superbot_domain::parse_price;

use crate::{check, currency};

/// P6
#[test]
fn the_price_of_now_counts() {
    check(&[
        ("USD", "Regular price $90.00 Sale price $70.00", "70 USD"),
        ("USD", "List: $90 Price: $70", "70 USD"),
        ("USD", "$900 now $700", "700 USD"),
        ("USD", "was $900 now $700", "700 USD"),
        ("USD", "$90.00 Original price was: $90.00. $70.00 Current price is: $70.00.", "70 USD"),
        ("USD", "Original price was: $90.00. $70.00 Current price is: $70.00.", "70 USD"),
        ("USD", "$90.00 $70.00", "70 USD"),
        ("EUR", "99.000 € 95.000 €", "95000 EUR"),
        ("EUR", "statt 99 € nur 79 €", "79 EUR"),
        ("EUR", "UVP 199 € jetzt 149 €", "149 EUR"),
        ("EUR", "NP 500 € VB 300 €", "300 EUR"),
        ("EUR", "Neupreis 500€, jetzt 250€", "250 EUR"),
        ("EUR", "79 € au lieu de 99 €", "79 EUR"),
        ("EUR", "Ancien prix 99 € nouveau prix 79 €", "79 EUR"),
        ("EUR", "antes 99 € ahora 79 €", "79 EUR"),
        ("BRL", "de R$ 100 por R$ 80", "80 BRL"),
        ("BRL", "De: R$ 100,00 Por: R$ 80,00", "80 BRL"),
        ("EUR", "anziché 99 € solo 79 €", "79 EUR"),
        ("EUR", "van € 99 voor € 79", "79 EUR"),
        ("SEK", "Nypris 5000 kr, säljes 2000 kr", "2000 SEK"),
        ("SEK", "ord. pris 500 kr nu 300 kr", "300 SEK"),
        ("PLN", "było 200 zł teraz 150 zł", "150 PLN"),
        ("CZK", "původně 2 000 Kč nyní 1 500 Kč", "1500 CZK"),
        ("HUF", "10 000 Ft helyett 8 000 Ft", "8000 HUF"),
        ("RUB", "было 5000 руб. стало 3000 руб.", "3000 RUB"),
        ("RUB", "вместо 5000 ₽ 3000 ₽", "3000 RUB"),
        ("JPY", "定価9800円 販売価格5000円", "5000 JPY"),
        ("CNY", "原价500元 现价300元", "300 CNY"),
        ("KRW", "정가 50,000원 판매가 30,000원", "30000 KRW"),
        ("VND", "Giá gốc 500.000đ giá bán 300.000đ", "300000 VND"),
        ("TRY", "eski fiyat 500 TL yeni fiyat 300 TL", "300 TRY"),
        ("USD", "$50 (retail $99)", "50 USD"),
        ("USD", "MSRP $99 asking $50", "50 USD"),
        ("USD", "$99 value, $50", "50 USD"),
        ("USD", "reduced from $300 to $200", "200 USD"),
        ("USD", "$300 reduced to $200", "200 USD"),
        ("USD", "$900 → $700", "700 USD"),
        ("USD", "paid $500, asking $250", "250 USD"),
        ("USD", "couch $500 down from $800", "500 USD"),
    ]);
    for (text, previous) in [
        ("Regular price $90.00 Sale price $70.00", Some(90)),
        ("$900 now $700", Some(900)),
        ("$90 $70", Some(90)),
        ("$70 $90", Some(90)),
        ("$90.00 Original price was: $90.00. $70.00 Current price is: $70.00.", Some(90)),
        ("$70", None),
        ("$70 or $90 with stand", None),
    ] {
        let read = parse_price(text, currency("USD"));
        assert_eq!(read.previous.map(|money| money.minor / 100), previous, "{text}");
    }
}

/// P8
#[test]
fn vouchers_deposits_and_delivery_are_no_price() {
    check(&[
        ("USD", "Console + $25 voucher $400", "400 USD"),
        ("USD", "Deposit $300 Price $4,000", "4000 USD"),
        ("USD", "$20 gift card for $15", "15 USD"),
        ("USD", "$25 Amazon gift card $20", "20 USD"),
        ("USD", "$300 deposit, $4,000", "4000 USD"),
        ("USD", "$400 + $25 gift card", "400 USD"),
        ("USD", "$25 coupon, TV $400", "400 USD"),
        ("USD", "$900 shipping $20", "900 USD"),
        ("USD", "Shipping $5 Price $40", "40 USD"),
        ("USD", "$40 + $5 shipping", "40 USD"),
        ("USD", "$40 plus shipping", "40 USD"),
        ("USD", "$5 shipping", "unstated"),
        ("USD", "$45 free shipping", "45 USD"),
        ("EUR", "50 € inkl. Versand", "50 EUR"),
        ("EUR", "50 € + 5 € Versand", "50 EUR"),
        ("EUR", "50 € zzgl. 4,99 € Versand", "50 EUR"),
        ("EUR", "50 € VB Versand möglich", "50 EUR"),
        ("EUR", "50 € Versand möglich", "50 EUR"),
        ("EUR", "Kaution 1000 € Kaufpreis 5000 €", "5000 EUR"),
        ("EUR", "Caution 500 €, prix 2000 €", "2000 EUR"),
        ("EUR", "Bon d'achat 50 € pour 40 €", "40 EUR"),
        ("EUR", "frais de port 5 € prix 20 €", "20 EUR"),
        ("PLN", "150 zł, dostawa 20 zł", "150 PLN"),
        ("RUB", "доставка 300 руб, цена 5000 руб", "5000 RUB"),
        ("JPY", "送料500円 価格3000円", "3000 JPY"),
        ("JPY", "3,000円 送料無料", "3000 JPY"),
        ("KRW", "30,000원 배송비 3,000원", "30000 KRW"),
        ("CNY", "押金500元 售价2000元", "2000 CNY"),
        ("USD", "20% off $50", "50 USD"),
        ("USD", "$50 off", "unstated"),
        ("USD", "save $20, now $80", "80 USD"),
        ("USD", "You save $20. $80", "80 USD"),
        ("EUR", "Sie sparen 20 €: 80 €", "80 EUR"),
        ("EUR", "20 € Rabatt, 80 €", "80 EUR"),
        ("USD", "$500 down, $12,000", "12000 USD"),
        ("ARS", "12x $ 5.000, $ 60.000", "60000 ARS"),
        ("BRL", "R$ 1.199 em 12x R$ 99,91", "1199 BRL"),
        ("BRL", "12x de R$ 99,91 ou R$ 1.099 à vista", "1099 BRL"),
        ("USD", "4 x $125 tires", "125 USD"),
        ("USD", "Jeep $5000 off-road ready", "5000 USD"),
    ]);
}

#[test]
fn offers_are_noticed_in_the_languages_of_the_markets() {
    for (text, expected) in [
        ("$1,200 OBO", true),
        ("500 € VB", true),
        ("500 € VHB", true),
        ("$5 o.b.o.", true),
        ("£50 ono", true),
        ("500 € à débattre", true),
        ("500 € négociable", true),
        ("500 € negociable", true),
        ("R$ 500 negociável", true),
        ("500 € trattabili", true),
        ("500 € n.o.t.k.", true),
        ("500 kr prutbart", true),
        ("500 kr, kan diskuteras", true),
        ("1200 zł do negocjacji", true),
        ("4500 Kč, dohoda možná", true),
        ("500 lei negociabil", true),
        ("15000 руб. торг", true),
        ("15000 грн торг уместен", true),
        ("1500 TL pazarlık payı var", true),
        ("500 درهم قابل للتفاوض", true),
        ("¥500 可议价", true),
        ("5,000円 値下げ可", true),
        ("5만원 네고가능", true),
        ("5tr có thương lượng", true),
        ("Rp 500rb nego", true),
        ("$5 non-negotiable", false),
        ("$5 not negotiable", false),
        ("$5 firm", false),
        ("500 € Festpreis", false),
        ("500 € non négociable", false),
        ("500 € non trattabili", false),
        ("15000 руб. без торга", false),
        ("5,000円 値下げ不可", false),
        ("5만원 네고불가", false),
        ("¥500 不议价", false),
        ("hobo bag $5", false),
    ] {
        assert_eq!(parse_price(text, currency("USD")).negotiable, expected, "{text}");
    }
}
