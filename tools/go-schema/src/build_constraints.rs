//! Which files of a package are built, for linux on amd64 without cgo
//! (pkg.go.dev/cmd/go#hdr-Build_constraints).

const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
];
const ARCHITECTURES: [&str; 24] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// Whether a file of this name is built: no test, and of no other system.
pub(crate) fn name_fits(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".go") else {
        return false;
    };
    if name.starts_with(['_', '.']) || stem.ends_with("_test") {
        return false;
    }
    let words: Vec<&str> = stem.split('_').skip(1).collect();
    let is_system = |word: &str| SYSTEMS.contains(&word);
    match words.as_slice() {
        [.., system, architecture] if is_system(system) && ARCHITECTURES.contains(architecture) => {
            holds_tag(system) && holds_tag(architecture)
        }
        [.., word] if is_system(word) || ARCHITECTURES.contains(word) => holds_tag(word),
        _ => true,
    }
}

/// Whether a file with this text is built: what its `//go:build` line says, and not cgo.
pub(crate) fn text_fits(text: &str) -> bool {
    let mut in_comment = false;
    for line in text.lines() {
        let line = line.trim();
        if in_comment {
            in_comment = !line.contains("*/");
        } else if let Some(constraint) = line.strip_prefix("//go:build ") {
            return holds(constraint);
        } else if line.starts_with("/*") {
            in_comment = !line.contains("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            break;
        }
    }
    !text.contains("import \"C\"")
}

fn holds_tag(tag: &str) -> bool {
    let is_release = |rest: &str| rest.parse::<u32>().is_ok();
    matches!(tag, "linux" | "amd64" | "unix" | "gc")
        || tag.strip_prefix("go1.").is_some_and(is_release)
}

fn holds(constraint: &str) -> bool {
    let mut words = Words {
        rest: constraint.trim(),
    };
    words.any()
}

/// What is left of a constraint: `a && (b || !c)`.
struct Words<'t> {
    rest: &'t str,
}

impl Words<'_> {
    fn take(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> bool {
        let mut holds = self.all();
        while self.take("||") {
            holds |= self.all();
        }
        holds
    }

    fn all(&mut self) -> bool {
        let mut holds = self.one();
        while self.take("&&") {
            holds &= self.one();
        }
        holds
    }

    fn one(&mut self) -> bool {
        if self.take("!") {
            return !self.one();
        }
        if self.take("(") {
            let holds = self.any();
            self.take(")");
            return holds;
        }
        let is_tag = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let end = self.rest.find(|c| !is_tag(c)).unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        holds_tag(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_for_which_system_a_file_is() {
        for (name, fits) in [
            ("types.go", true),
            ("types_test.go", false),
            ("_types.go", false),
            ("linux.go", true),
            ("a_windows.go", false),
            ("a_linux.go", true),
            ("a_linux_arm64.go", false),
            ("a_linux_amd64.go", true),
            ("a_arm64.go", false),
            ("windows_a.go", true),
            ("README.md", false),
        ] {
            assert_eq!(name_fits(name), fits, "{name}");
        }
    }

    #[test]
    fn constraints_are_evaluated() {
        for (text, fits) in [
            ("package a\n", true),
            ("//go:build ignore\n\npackage a\n", false),
            (
                "// c\n\n//go:build linux && (amd64 || arm64) && !cgo\npackage a\n",
                true,
            ),
            ("/*\n//go:build ignore\n*/\npackage a\n", true),
            ("//go:build !linux\npackage a\n", false),
            ("//go:build go1.21\npackage a\n", true),
            ("//go:build unix && !go1.4\npackage a\n", false),
            ("package a\n\nimport \"C\"\n", false),
            ("package a\n//go:build ignore\n", true),
        ] {
            assert_eq!(text_fits(text), fits, "{text}");
        }
    }
}
