//! `.buckconfig`: sections of `key = value`, includes, overrides from the command line.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Error, Result};

/// The values of one cell's configuration, by section and key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuckConfig {
    sections: BTreeMap<String, BTreeMap<String, String>>,
}

/// One `-c section.key=value` of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// `section` in `section.key`.
    pub section: String,
    /// `key` in `section.key`.
    pub key: String,
    /// What it is set to.
    pub value: String,
}

impl Override {
    /// Reads `section.key=value`.
    pub fn parse(text: &str) -> Result<Override> {
        let wrong = || Error::message(format!("invalid `-c {text}`: expected `section.key=value`"));
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let (section, key) = name.split_once('.').ok_or_else(wrong)?;
        if section.is_empty() || key.is_empty() {
            return Err(wrong());
        }
        Ok(Override {
            section: section.trim().to_owned(),
            key: key.trim().to_owned(),
            value: value.to_owned(),
        })
    }
}

impl BuckConfig {
    /// Reads `.buckconfig` and, when `local`, `.buckconfig.local` in `folder`, then lays
    /// `overrides` over them.
    pub fn read(folder: &Path, local: bool, overrides: &[Override]) -> Result<BuckConfig> {
        let mut config = BuckConfig::default();
        let names: &[&str] = if local {
            &[".buckconfig", ".buckconfig.local"]
        } else {
            &[".buckconfig"]
        };
        for name in names {
            let file = folder.join(name);
            if file.is_file() {
                config.read_file(&file, name, &mut Vec::new())?;
            }
        }
        for Override {
            section,
            key,
            value,
        } in overrides
        {
            config.set(section, key, value);
        }
        Ok(config)
    }

    /// The value of `section.key`, `$(config section.key)` inside it replaced.
    pub fn get(&self, section: &str, key: &str) -> Option<String> {
        self.expand(section, key, 0)
    }

    /// The names of its sections, sorted.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.keys().map(String::as_str)
    }

    /// The keys and values of a section, in the order of the keys.
    pub fn section(&self, section: &str) -> impl Iterator<Item = (&str, &str)> {
        self.sections
            .get(section)
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The comma-separated list at `section.key`.
    pub fn list(&self, section: &str, key: &str) -> Vec<String> {
        let text = self.get(section, key).unwrap_or_default();
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn set(&mut self, section: &str, key: &str, value: &str) {
        self.sections
            .entry(section.to_owned())
            .or_default()
            .insert(key.to_owned(), value.to_owned());
    }

    fn expand(&self, section: &str, key: &str, depth: usize) -> Option<String> {
        let raw = self.sections.get(section)?.get(key)?;
        let mut out = String::new();
        let mut rest = raw.as_str();
        while let Some(start) = rest.find("$(config ") {
            let Some(end) = rest[start..].find(')') else {
                break;
            };
            out.push_str(&rest[..start]);
            let name = rest[start + "$(config ".len()..start + end].trim();
            if let (Some((section, key)), true) = (name.split_once('.'), depth < 16) {
                out.push_str(&self.expand(section, key, depth + 1).unwrap_or_default());
            }
            rest = &rest[start + end + 1..];
        }
        out.push_str(rest);
        Some(out)
    }

    fn read_file(
        &mut self,
        file: &Path,
        shown: &str,
        open: &mut Vec<std::path::PathBuf>,
    ) -> Result<()> {
        if open.iter().any(|seen| seen == file) {
            return Err(Error::message(format!("{shown}: includes itself")));
        }
        let text = std::fs::read_to_string(file)
            .map_err(|error| Error::message(format!("{shown}: {error}")))?;
        open.push(file.to_owned());
        let mut section: Option<String> = None;
        let mut pending = String::new();
        for (index, line) in text.lines().enumerate() {
            let place = || format!("{shown}:{}", index + 1);
            if let Some(head) = line.strip_suffix('\\') {
                pending.push_str(head.trim_start());
                continue;
            }
            let joined = format!(
                "{pending}{}",
                if pending.is_empty() {
                    line
                } else {
                    line.trim_start()
                }
            );
            pending.clear();
            let line = joined.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if line.starts_with('<') {
                self.include(file, line, &place(), open)?;
            } else if let Some(name) = line.strip_prefix('[') {
                let name = name
                    .strip_suffix(']')
                    .map(str::trim)
                    .filter(|name| !name.is_empty());
                let name = name.ok_or_else(|| {
                    Error::message(format!("{}: expected `[section]`, got `{line}`", place()))
                })?;
                section = Some(name.to_owned());
            } else {
                let (key, value) = line.split_once('=').ok_or_else(|| {
                    Error::message(format!("{}: expected `key = value`, got `{line}`", place()))
                })?;
                let section = section.as_ref().ok_or_else(|| {
                    Error::message(format!(
                        "{}: `{}` stands before any `[section]`",
                        place(),
                        key.trim()
                    ))
                })?;
                self.set(section, key.trim(), value.trim());
            }
        }
        open.pop();
        Ok(())
    }

    fn include(
        &mut self,
        file: &Path,
        line: &str,
        place: &str,
        open: &mut Vec<std::path::PathBuf>,
    ) -> Result<()> {
        let wrong = || {
            Error::message(format!(
                "{place}: expected `<file:path>` or `<?file:path>`, got `{line}`"
            ))
        };
        let inner = line
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .ok_or_else(wrong)?;
        let (optional, inner) = inner
            .strip_prefix('?')
            .map_or((false, inner), |rest| (true, rest));
        let path = inner.strip_prefix("file:").ok_or_else(wrong)?;
        let target = file.parent().unwrap_or(Path::new(".")).join(path);
        if !target.is_file() {
            return if optional {
                Ok(())
            } else {
                Err(Error::message(format!(
                    "{place}: the included file `{path}` does not exist"
                )))
            };
        }
        self.read_file(&target, path, open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)], overrides: &[Override]) -> Result<BuckConfig> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        BuckConfig::read(folder.path(), true, overrides)
    }

    #[test]
    fn later_values_win_and_the_command_line_wins_over_files() {
        let files = [
            (
                ".buckconfig",
                "# c\n[a]\n  b = 1\n; d\n c = x \\\n   y\n[a]\nb=2\nlist = p, q ,\n",
            ),
            (".buckconfig.local", "[a]\nb = 3\n"),
        ];
        let config = read(&files, &[]).unwrap();
        assert_eq!(config.get("a", "b").as_deref(), Some("3"));
        assert_eq!(config.get("a", "c").as_deref(), Some("x y"));
        assert_eq!(config.list("a", "list"), ["p", "q"]);
        let config = read(&files, &[Override::parse("a.b=4=5").unwrap()]).unwrap();
        assert_eq!(config.get("a", "b").as_deref(), Some("4=5"));
    }

    #[test]
    fn includes_and_references_are_followed() {
        let files = [
            (
                ".buckconfig",
                "<file:more>\n<?file:none>\n[x]\ny = <$(config a.b)>\n",
            ),
            ("more", "[a]\nb = 7\n"),
        ];
        assert_eq!(
            read(&files, &[]).unwrap().get("x", "y").as_deref(),
            Some("<7>")
        );
    }

    #[test]
    fn mistakes_name_their_line() {
        let cases = [
            ("[a\n", ".buckconfig:1: expected `[section]`, got `[a`"),
            (
                "b = 1\n",
                ".buckconfig:1: `b` stands before any `[section]`",
            ),
            ("[a]\nb\n", ".buckconfig:2: expected `key = value`, got `b`"),
            (
                "<file:none>\n",
                ".buckconfig:1: the included file `none` does not exist",
            ),
            (
                "<none>\n",
                ".buckconfig:1: expected `<file:path>` or `<?file:path>`, got `<none>`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(
                read(&[(".buckconfig", text)], &[]).unwrap_err().to_string(),
                expected
            );
        }
        assert!(Override::parse("nodot=1").is_err());
        assert!(Override::parse("a.b").is_err());
    }
}
