//! Listings that are recognized by their form.

use superbot_sources::{PageState, Reading};

use super::{listed, read_at};

fn read(body: &str) -> Reading {
    read_at("structured", "https://shop.example/list/", body)
}

/// The price of the first of three cards with that content; `{}` stands for the number of the card.
fn first_price(content: &str) -> String {
    let card = |n: u32| format!("<div class=card>{}</div>", content.replace("{}", &n.to_string()));
    let reading = read(&(1..=3).map(card).collect::<String>());
    reading.listings.first().map_or_else(String::new, |found| found.price.price.to_json().to_string())
}

#[test]
fn numbers_beside_a_price_are_no_part_of_it() {
    for content in [
        "<a href=/{}>Bike {}</a><span>$10</span>",
        "<a href=/{}><img src=/i.jpg>Bike {}</a><span>$10</span>",
        "<a href=/{}>Bike <b>{}</b></a><span>$10</span>",
        "<a href=/{}>iPhone 1{}</a><b>$10</b>",
        "<a href=/{}>Golf <i>7</i></a><b>10 €</b>",
        "<a href=/{}>Desk 120x60</a><p><i>£</i><i>10</i></p>",
        "<a href=/{}>Lamp</a><small>{}</small><p>10 kr</p>",
        "<a href=/{}>Lamp</a><em>24</em><em>€10</em>",
        "<a href=/{}>Sofa 3</a><p><i>$</i><b>10</b></p>",
        "<a href=/{}>Sofa 3</a><div><span>10</span> <span>EUR</span></div>",
        "<p>Lot {}</p><a href=/{}>Vase</a><span>CHF 10</span>",
        "<a href=/{}>Size 4{}</a><span hidden>$99</span><span>$10</span>",
        "<a href=/{}>Size 4{}</a><template>$99</template><span>$10</span>",
        "<a href=/{}>2 chairs</a><span>$<!-- -->10</span>",
    ] {
        assert_eq!(first_price(content), "10", "{content}");
    }
}

#[test]
fn cards_that_repeat_are_a_guess_that_is_named() {
    let page = |card: &dyn Fn(u32) -> String| {
        let cards: String = (1..=4).map(card).collect();
        format!(
            "<nav><a href=/>Home</a><a href=/help>Help</a></nav><p>Up to $500 off</p><div class=grid>{cards}</div><footer>© 2025</footer>"
        )
    };
    let plain = |n: u32| {
        format!(
            "<div class=card><a href=/{n}><img src=/i.jpg></a><h3><a href=/{n}>Desk {n}</a></h3><span>$4{n}.00</span></div>"
        )
    };
    let whole_link = |n: u32| {
        format!(
            "<a class=card href=/{n}><img src=/i.jpg alt=x><div class=card-title>Desk {n}</div><div><b>$</b><b>4{n}</b></div></a>"
        )
    };
    let reduced = |n: u32| {
        format!(
            "<li><a href=/{n} title=\"Desk {n}\"><img data-src=/i.jpg></a><p><del>$90</del> <ins>$4{n}</ins></p></li>"
        )
    };
    for card in [&plain as &dyn Fn(u32) -> String, &whole_link, &reduced] {
        let body = page(card);
        let reading = read(&body);
        let rows = listed(&reading);
        assert_eq!((rows.len(), rows[0].0, rows[0].1.as_str()), (4, "Desk 1", "41"), "{body}");
        assert_eq!(reading.listings[3].link, "https://shop.example/4");
        assert_eq!(reading.listings[0].details.image_url.as_deref(), Some("https://shop.example/i.jpg"));
        assert!(reading.reason.contains("this is a guess"), "{}", reading.reason);
    }
    let two = format!("{}{}", plain(1), plain(2));
    assert_eq!(read(&two).state, PageState::ShapeChanged, "two may be anything");
}

/// Each number asks whether the element around it is one price: a parent of thousands of numbers is read once, not once for each.
#[test]
fn thousands_of_numbers_in_one_element_are_no_price() {
    for piece in ["<b>1</b>", "<i>$</i><b>1</b>", "<b>1</b><!-- x -->", "1<br>", "<span></span><b>1</b>"] {
        let card = "<div class=card><a href=/1>Bike</a><b>$10</b></div>".replace("/1", "/{}");
        let cards: String = (1..=3).map(|n: u32| card.replace("{}", &n.to_string())).collect();
        let reading = read(&format!("<div>{}</div>{cards}", piece.repeat(20_000)));
        assert!(reading.listings.len() <= 3, "{piece}: {}", reading.reason);
    }
}
