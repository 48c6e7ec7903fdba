//! The name of a type in a benchmark's name: as it stands in the attribute, however it was laid out there.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};

/// The text of a type with the spaces that rustfmt would give it on one line. The text of the source itself would change
/// where a long list is broken into lines, and what the compiler calls a type changes with the compiler.
pub(super) fn label(tokens: TokenStream) -> String {
    let mut label = Label::default();
    label.write(tokens);
    label.text
}

#[derive(Default)]
struct Label {
    text: String,
    after: After,
    /// A sign that is one half of something: `'` of a lifetime, `-` of an arrow.
    half: Option<char>,
}

/// What stands before the next token.
#[derive(Clone, Copy, Default, PartialEq)]
enum After {
    /// Nothing that asks for a space.
    #[default]
    Tight,
    /// A word: another word needs a space.
    Word,
    /// Something that is followed by a space if a type follows.
    Gap,
}

impl Label {
    fn write(&mut self, tokens: TokenStream) {
        for token in tokens {
            let is_word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
            let wide = match self.after {
                After::Tight => false,
                After::Word => is_word,
                After::Gap => is_word || begins_a_type(&token),
            };
            if wide {
                self.text.push(' ');
            }
            match token {
                TokenTree::Punct(punct) => self.sign(&punct),
                TokenTree::Group(group) => self.group(&group),
                word => self.word(&word.to_string()),
            }
        }
    }

    fn word(&mut self, word: &str) {
        let qualifies = matches!(word, "mut" | "const" | "dyn" | "impl" | "as");
        let lifetime = self.half.take() == Some('\'');
        self.text.push_str(word);
        self.after = if qualifies || lifetime {
            After::Gap
        } else {
            After::Word
        };
    }

    fn sign(&mut self, punct: &Punct) {
        let sign = punct.as_char();
        let half = self.half.take();
        let begins_arrow = sign == '-' && punct.spacing() == Spacing::Joint;
        if begins_arrow || matches!(sign, '+' | '=') {
            self.text.push(' ');
        }
        // What a list that is broken into lines ends with.
        if sign == '>' && self.text.ends_with(',') {
            self.text.pop();
        }
        self.text.push(sign);
        self.half = (begins_arrow || sign == '\'').then_some(sign);
        self.after = match sign {
            '>' if half == Some('-') => After::Gap,
            ',' | ';' | '+' | '=' => After::Gap,
            '>' => After::Word,
            _ => After::Tight,
        };
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::None => ("", ""),
        };
        self.text.push_str(open);
        self.after = After::Tight;
        self.write(group.stream());
        self.text.push_str(close);
        self.after = After::Word;
    }
}

/// Whether it is no word and a type may begin with it.
fn begins_a_type(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(_) => true,
        TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '*' | '\''),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_as_it_is_written_however_it_is_laid_out() {
        for (source, expected) in [
            ("u8", "u8"),
            ("Vec < u8 >", "Vec<u8>"),
            ("HashMap<\n u64,\n Vec<u8>,\n>", "HashMap<u64, Vec<u8>>"),
            (
                "std :: collections::VecDeque<u8>",
                "std::collections::VecDeque<u8>",
            ),
            ("& 'static str", "&'static str"),
            ("&'static [u8]", "&'static [u8]"),
            ("&mut [u8]", "&mut [u8]"),
            ("[u8;4]", "[u8; 4]"),
            ("(u8,&str)", "(u8, &str)"),
            ("(u8,)", "(u8,)"),
            ("()", "()"),
            ("fn(u8,u8)->u8", "fn(u8, u8) -> u8"),
            (
                "Box<dyn Fn(u8)->u8+Send+'static>",
                "Box<dyn Fn(u8) -> u8 + Send + 'static>",
            ),
            ("<Vec<u8> as Iterator>::Item", "<Vec<u8> as Iterator>::Item"),
            ("Matrix<3,4>", "Matrix<3, 4>"),
            ("*const u8", "*const u8"),
            ("Box<dyn Iterator<Item=u8>>", "Box<dyn Iterator<Item = u8>>"),
        ] {
            let tokens: TokenStream = source.parse().unwrap();
            assert_eq!(label(tokens), expected, "{source}");
        }
    }
}
