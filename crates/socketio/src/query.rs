//! Reading a URL's query.

/// The first parameter of that name, percent-decoded; undecodable text stays as it is.
pub(crate) fn get(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key) == name).then(|| decode(value))
    })
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (byte, used) = match bytes[at] {
            b'+' => (b' ', 1),
            b'%' => bytes
                .get(at + 1..at + 3)
                .and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok())
                .map_or((b'%', 1), |byte| (byte, 3)),
            byte => (byte, 1),
        };
        out.push(byte);
        at += used;
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::get;

    #[test]
    fn parameters_are_found_and_decoded() {
        let query = "EIO=4&transport=polling&token=a%2Bb+c&EIO=3&bad=%zz&empty";
        assert_eq!(get(query, "EIO").as_deref(), Some("4"));
        assert_eq!(get(query, "token").as_deref(), Some("a+b c"));
        assert_eq!(get(query, "bad").as_deref(), Some("%zz"));
        assert_eq!(get(query, "empty").as_deref(), Some(""));
        assert_eq!(get(query, "sid"), None);
    }
}
