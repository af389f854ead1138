//! Query strings of URLs.

/// Returns the first parameter with this name, percent-decoded; malformed escapes are left unchanged.
pub(crate) fn get(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::get;

    #[test]
    fn parameters_are_found_and_decoded() {
        let query = "EIO=4&transport=polling&token=a%2Bb+c&EIO=3&bad=%zz&bytes=%ff&empty";
        assert_eq!(get(query, "EIO").as_deref(), Some("4"));
        assert_eq!(get(query, "token").as_deref(), Some("a+b c"));
        assert_eq!(get(query, "bad").as_deref(), Some("%zz"));
        assert_eq!(get(query, "bytes").as_deref(), Some("\u{fffd}"));
        assert_eq!(get(query, "empty").as_deref(), Some(""));
        assert_eq!(get(query, "sid"), None);
    }
}
