//! Links between the project's Markdown pages.

use std::collections::BTreeSet;

use crate::tree::File;

/// Checks that relative links in all Markdown files resolve.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let known: BTreeSet<String> = files.iter().flat_map(|file| file_and_folders(&file.path)).collect();
    let pages = files.iter().filter(|file| file.is(&["md"]));
    let dead = pages.flat_map(|page| {
        let targets = links(&page.text).filter(|target| !target.contains(':') && !target.starts_with('#'));
        let leads_nowhere = |target: &&str| !known.contains(&resolve(&page.path, target));
        targets.filter(leads_nowhere).map(|target| format!("{}: the link {target} leads nowhere", page.path))
    });
    dead.collect()
}

fn file_and_folders(path: &str) -> Vec<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.map(|end| path[..end].to_owned()).collect()
}

/// Extracts the text between `](` and `)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

fn resolve(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('#').next().unwrap_or(target).trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_are_found() {
        let dead = |text: &str| check(&[File::sample("docs/a.md", text), File::sample("web/b.md", "")]).len();
        assert_eq!(dead("[b](../web/b.md#part) [w](../web/) [h](#here) [x](https://example.org/x) [me](a.md)"), 0);
        assert_eq!(dead("[b](web/b.md) ![picture](../b.png)"), 2);
    }
}
