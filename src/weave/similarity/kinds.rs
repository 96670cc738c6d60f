//! What kind of piece a title announces: a deal, a list, a review. Recognised by the phrases of a table.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

/// How many kinds there are.
pub(in crate::weave) const KINDS: usize = 24;

const TABLE: &str = include_str!("../models/kinds.txt");

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::read(TABLE));

/// The kinds of a title, a bit for each line of the table.
pub(in crate::weave) fn kinds_of(title: &str) -> u32 {
    let tokens = tokens(title);
    let mut kinds = 0;
    for at in 0..tokens.len() {
        PHRASES.each_from(&tokens[at].text, |phrase| {
            if (at == 0 || !phrase.is_first) && phrase.fits(&tokens[at..]) {
                kinds |= 1 << phrase.kind;
            }
        });
    }
    if title.trim_end().ends_with('?') {
        kinds |= 1 << PHRASES.question;
    }
    kinds
}

/// The names of the kinds, in the order of their bits.
pub(super) fn names() -> &'static [&'static str] {
    &PHRASES.names
}

/// A word of a title.
struct Token {
    text: String,
    /// `$` for a price, `%` for a share, `#` for another number, a space for a word.
    class: char,
}

fn tokens(title: &str) -> Vec<Token> {
    let lower = title.to_lowercase();
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = lower.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            before = c;
            continue;
        }
        let mut text = String::from(c);
        let mut last = c;
        while let Some(&next) = chars.peek() {
            let after = { chars.clone().nth(1) };
            if next.is_alphanumeric() {
                text.push(next);
            } else if matches!(next, '\'' | '’' | 'ʼ') && after.is_some_and(char::is_alphanumeric) {
            } else if matches!(next, '.' | ',')
                && last.is_ascii_digit()
                && after.is_some_and(|after| after.is_ascii_digit())
            {
                if next == '.' {
                    text.push('.');
                }
            } else {
                break;
            }
            last = next;
            chars.next();
        }
        let class = match (c.is_ascii_digit(), before, chars.peek()) {
            (false, ..) => ' ',
            (_, '$' | '£' | '€', _) => '$',
            (.., Some('%')) => '%',
            _ => '#',
        };
        before = last;
        tokens.push(Token { text, class });
    }
    tokens
}

#[derive(Debug)]
struct Phrase {
    kind: u32,
    /// It matches only at the start of a title.
    is_first: bool,
    words: Vec<Want>,
}

#[derive(Debug)]
enum Want {
    Word(&'static str),
    Prefix(&'static str),
    Class(char),
}

impl Want {
    fn fits(&self, token: &Token) -> bool {
        match self {
            Self::Word(word) => token.text == *word,
            Self::Prefix(prefix) => token.text.starts_with(prefix),
            Self::Class(class) => token.class == *class,
        }
    }
}

impl Phrase {
    fn fits(&self, tokens: &[Token]) -> bool {
        tokens.len() >= self.words.len() && self.words.iter().zip(tokens).all(|(want, token)| want.fits(token))
    }
}

/// The table, by what phrases begin with.
#[derive(Debug, Default)]
struct Phrases {
    names: Vec<&'static str>,
    question: u32,
    by_word: HashMap<&'static str, Vec<Phrase>, FixedState>,
    /// By the first byte of the prefix.
    by_prefix: HashMap<u8, Vec<Phrase>, FixedState>,
    by_class: Vec<Phrase>,
}

impl Phrases {
    fn read(table: &'static str) -> Self {
        let mut phrases = Self::default();
        let lines = table.lines().filter(|line| !line.starts_with("# "));
        for (name, list) in lines.filter_map(|line| line.split_once(':')) {
            let kind = phrases.names.len() as u32;
            if name == "question" {
                phrases.question = kind;
            }
            phrases.names.push(name);
            list.split(',').for_each(|phrase| phrases.add(kind, phrase.trim()));
        }
        phrases
    }

    fn add(&mut self, kind: u32, phrase: &'static str) {
        let is_first = phrase.starts_with("^ ");
        let words: Vec<Want> = phrase.trim_start_matches("^ ").split(' ').map(want).collect();
        let list = match words.first() {
            Some(Want::Word(word)) => self.by_word.entry(word).or_default(),
            Some(Want::Prefix(prefix)) => {
                self.by_prefix.entry(prefix.as_bytes().first().copied().unwrap_or(0)).or_default()
            }
            _ => &mut self.by_class,
        };
        list.push(Phrase { kind, is_first, words });
    }

    /// Calls `each` for the phrases that may begin with a word.
    fn each_from(&self, word: &str, mut each: impl FnMut(&Phrase)) {
        self.by_word.get(word).into_iter().flatten().for_each(&mut each);
        let first = word.as_bytes().first().copied().unwrap_or(0);
        self.by_prefix.get(&first).into_iter().flatten().for_each(&mut each);
        if first.is_ascii_digit() {
            self.by_class.iter().for_each(each);
        }
    }
}

fn want(word: &'static str) -> Want {
    match (word, word.strip_suffix('*')) {
        ("#" | "$" | "%", _) => Want::Class(char::from(word.as_bytes()[0])),
        (_, Some(prefix)) => Want::Prefix(prefix),
        _ => Want::Word(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(title: &str, want: &[&str]) {
        let kinds = kinds_of(title);
        let got: Vec<&str> =
            names().iter().enumerate().filter(|(at, _)| kinds >> at & 1 == 1).map(|(_, n)| *n).collect();
        assert_eq!(got, want, "{title}");
    }

    #[test]
    fn phrases_tell_kinds() {
        assert_eq!(names().len(), KINDS);
        check("5 best deals: save $20 on the iPhone 15, how much?", &["deal", "list", "question", "preorder"]);
        check("Save 20 on a phone", &[]);
        check("40% off earbuds", &["deal"]);
        check("40 off earbuds", &[]);
        check("Here’s how the maker unveiled it", &["howto", "launch"]);
        check("The maker of what will be", &[]);
        check("What will be", &["question"]);
        check("Vulnerabilities in a router", &["sec"]);
        check("Black Fridays", &[]);
        check("", &[]);
    }

    #[test]
    fn words_are_cut_as_the_table_says() {
        let words =
            |title| tokens(title).iter().map(|token| format!("{}{}", token.text, token.class)).collect::<Vec<_>>();
        assert_eq!(words("It's $1,299.50, 7.1% of Wi-Fi 6"), ["its ", "1299.50$", "7.1%", "of ", "wi ", "fi ", "6#"]);
        assert_eq!(words("O’"), ["o "]);
    }
}
