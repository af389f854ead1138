#![no_main]
//! Fuzzes credential extraction: the first line is an `Authorization` header, the others are `Cookie` headers.

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use superbot::auth::{PresentedCredential, SESSION_COOKIE, credential};

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let authorization = lines.next().filter(|line| !line.is_empty());
    let mut headers = HeaderMap::new();
    for line in lines {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(COOKIE, value);
        }
    }
    match credential(&headers) {
        Ok(None | Some(PresentedCredential::Session(_))) => {}
        Ok(Some(PresentedCredential::Token(_))) => panic!("a token without an Authorization header"),
        Err(_) => panic!("a cookie cannot make a request invalid"),
    }

    // A session cookie is found among any other cookies.
    let session = HeaderValue::try_from(format!("other=1; {SESSION_COOKIE}=value; another=2")).expect("plain text");
    let mut with_session = headers.clone();
    with_session.append(COOKIE, session);
    assert!(matches!(credential(&with_session), Ok(Some(PresentedCredential::Session(_)))));

    // An Authorization header is never ignored in favour of a cookie.
    let Some(Ok(value)) = authorization.map(HeaderValue::from_bytes) else { return };
    with_session.insert(AUTHORIZATION, value);
    assert!(matches!(credential(&with_session), Err(_) | Ok(Some(PresentedCredential::Token(_)))));
});
