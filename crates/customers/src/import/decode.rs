//! Any encoding a spreadsheet writes, as a stream of UTF-8.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::FileError;

/// Bytes read at once, and looked at to tell what a file is.
const CHUNK: usize = 64 * 1024;

/// A file of unknown encoding, read as UTF-8.
///
/// A byte order mark decides; without one, NULs in every second byte tell UTF-16, and the first non-ASCII text
/// tells UTF-8 from an older code page, however late in the file it comes. What cannot be decoded becomes U+FFFD, so that
/// only the rows that hold it are refused, not the file.
pub struct Utf8<R> {
    input: R,
    raw: Vec<u8>,
    at_end: bool,
    decoder: Option<Decoder>,
    encoding: &'static Encoding,
    ready: Vec<u8>,
    taken: usize,
}

impl<R: Read> Utf8<R> {
    /// Looks at the start of `input`. `known` overrides the guess.
    pub fn open(input: R, known: Option<&'static Encoding>) -> Result<Self, FileError> {
        let mut text =
            Self { input, raw: Vec::new(), at_end: false, decoder: None, encoding: UTF_8, ready: Vec::new(), taken: 0 };
        text.fill(CHUNK)?;
        refuse_other_files(&text.raw)?;
        if let Some((encoding, mark)) = Encoding::for_bom(&text.raw) {
            text.raw.drain(..mark);
            text.decode_as(encoding);
        } else if let Some(encoding) = known.or_else(|| utf_16(&text.raw)) {
            text.decode_as(encoding);
        } else if text.raw.contains(&0) {
            return Err(FileError::Binary);
        }
        Ok(text)
    }

    /// The encoding's name, as far as it is known by now: plain ASCII counts as UTF-8.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    fn decode_as(&mut self, encoding: &'static Encoding) {
        self.encoding = encoding;
        self.decoder = Some(encoding.new_decoder_without_bom_handling());
    }

    /// Reads until `wanted` undecoded bytes are there or the input ends.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while !self.at_end && self.raw.len() < wanted {
            let filled = self.raw.len();
            self.raw.resize(filled + CHUNK, 0);
            let read = match self.input.read(&mut self.raw[filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
                Err(error) => return Err(error),
                Ok(read) => Some(read),
            };
            self.raw.truncate(filled + read.unwrap_or(0));
            self.at_end = read == Some(0);
        }
        Ok(())
    }

    /// Makes more text ready; none at the end.
    fn decode_more(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.taken = 0;
        self.fill(1)?;
        if self.decoder.is_none() {
            let plain = self.raw.iter().position(|byte| !byte.is_ascii()).unwrap_or(self.raw.len());
            if plain > 0 {
                self.ready.extend(self.raw.drain(..plain));
                return Ok(());
            }
            if self.raw.is_empty() {
                return Ok(());
            }
            self.fill(CHUNK)?;
            self.decode_as(encoding_of(&self.raw, self.at_end));
        }
        self.run_decoder();
        Ok(())
    }

    fn run_decoder(&mut self) {
        let Some(decoder) = self.decoder.as_mut() else { return };
        let room = decoder.max_utf8_buffer_length(self.raw.len()).unwrap_or(CHUNK * 4);
        self.ready.resize(room, 0);
        let (outcome, read, written, _) = decoder.decode_to_utf8(&self.raw, &mut self.ready, self.at_end);
        debug_assert!(outcome == CoderResult::InputEmpty, "the room was computed for all of the input");
        self.raw.drain(..read);
        self.ready.truncate(written);
        if self.at_end && self.raw.is_empty() {
            // A decoder must not be used after its last call; nothing follows that could need one.
            self.decoder = None;
        }
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() && !(self.at_end && self.raw.is_empty() && self.decoder.is_none()) {
            self.decode_more()?;
        }
        let count = out.len().min(self.ready.len() - self.taken);
        out[..count].copy_from_slice(&self.ready[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

/// People upload the spreadsheet itself; the reason should say so.
fn refuse_other_files(start: &[u8]) -> Result<(), FileError> {
    if start.is_empty() {
        return Err(FileError::Empty);
    }
    let is_spreadsheet = start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0");
    if is_spreadsheet { Err(FileError::Spreadsheet) } else { Ok(()) }
}

/// UTF-16 without a byte order mark: mostly ASCII characters, so every second byte is NUL.
fn utf_16(start: &[u8]) -> Option<&'static Encoding> {
    let pairs = start.len() / 2;
    let nuls = |odd: usize| start.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    let (first, second) = (nuls(0), nuls(1));
    match pairs {
        0 => None,
        _ if second * 10 >= pairs * 7 && first == 0 => Some(UTF_16LE),
        _ if first * 10 >= pairs * 7 && second == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-8 if the sample is, or nearly is: one broken name must not turn all the others into nonsense.
fn encoding_of(sample: &[u8], at_end: bool) -> &'static Encoding {
    let (mut good, mut broken) = (0_usize, 0_usize);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    let cut_off = !at_end && std::str::from_utf8(sample).is_err_and(|error| error.error_len().is_none());
    if broken == usize::from(cut_off) || good > broken * 4 {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, at_end);
    detector.guess(None, Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hands out a few bytes at a time, as a network does.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(out.len());
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn read(bytes: &[u8]) -> (String, &'static str) {
        let mut text = Utf8::open(Slow(bytes, 7), None).expect("a text file");
        let mut read = String::new();
        text.read_to_string(&mut read).expect("UTF-8");
        (read, text.encoding())
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn reads_every_encoding_a_spreadsheet_writes() {
        let text = "name;town\r\nAndré;Düsseldorf\r\nZoë;Besançon – Cité\r\n";
        let (windows, _, lossy) = encoding_rs::WINDOWS_1252.encode(text);
        assert!(!lossy);
        let cases: [(&str, Vec<u8>, &str); 7] = [
            ("UTF-8", text.as_bytes().to_vec(), "UTF-8"),
            ("UTF-8 with mark", ["\u{feff}".as_bytes(), text.as_bytes()].concat(), "UTF-8"),
            ("Windows-1252", windows.to_vec(), "windows-1252"),
            ("UTF-16 LE", utf_16(text, u16::to_le_bytes), "UTF-16LE"),
            ("UTF-16 BE", utf_16(text, u16::to_be_bytes), "UTF-16BE"),
            ("UTF-16 LE with mark", utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes), "UTF-16LE"),
            ("UTF-16 BE with mark", utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes), "UTF-16BE"),
        ];
        for (name, bytes, encoding) in cases {
            assert_eq!(read(&bytes), (text.to_owned(), encoding), "{name}");
        }
        assert_eq!(read(b"plain"), ("plain".to_owned(), "UTF-8"));
    }

    #[test]
    fn the_first_accent_decides_however_late_it_comes() {
        for (name, encoding) in [("André Müller", "UTF-8"), ("Andr\u{e9} M\u{fc}ller", "windows-1252")] {
            let name = if encoding == "UTF-8" {
                name.as_bytes().to_vec()
            } else {
                encoding_rs::WINDOWS_1252.encode(name).0.to_vec()
            };
            let bytes = [b"John Smith,London\n".repeat(20_000), name].concat();
            let (text, found) = read(&bytes);
            assert!(text.ends_with("London\nAndré Müller"), "{encoding}");
            assert_eq!((text.len(), found), (18 * 20_000 + 14, encoding));
        }
    }

    #[test]
    fn a_broken_name_does_not_spoil_the_others() {
        let text = [&b"a,"[..], "ééééééé".as_bytes(), b"\xff,b\n"].concat();
        assert_eq!(read(&text), ("a,ééééééé\u{fffd},b\n".to_owned(), "UTF-8"));
    }

    #[test]
    fn refuses_what_is_no_text() {
        let refusal = |bytes: &[u8]| Utf8::open(bytes, None).err().map(|refused| refused.code());
        assert_eq!(refusal(b""), Some("file_empty"));
        assert_eq!(refusal(b"PK\x03\x04\x14\x00"), Some("file_is_spreadsheet"));
        assert_eq!(refusal(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"), Some("file_is_binary"));
        assert_eq!(refusal(b"a,b\nx\0y,1\n"), Some("file_is_binary"));
    }

    #[test]
    fn a_character_may_lie_across_two_chunks() {
        let text = format!("{}é{}", "x".repeat(CHUNK - 1), "é".repeat(CHUNK));
        assert_eq!(read(text.as_bytes()), (text, "UTF-8"));
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "[ -~éüßłЖ中😀]{1,200}", step in 1_usize..9) {
            let marked = format!("\u{feff}{text}");
            for bytes in [marked.as_bytes().to_vec(), utf_16(&marked, u16::to_le_bytes), utf_16(&marked, u16::to_be_bytes)] {
                let mut read = String::new();
                Utf8::open(Slow(&bytes, step), None).expect("text").read_to_string(&mut read).expect("UTF-8");
                prop_assert_eq!(&read, &text);
            }
        }
    }
}
