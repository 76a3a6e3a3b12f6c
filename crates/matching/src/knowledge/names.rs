//! Words beside the name: titles, particles, generations, and the legal forms of firms.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::by_word;
use crate::person::Gender;

/// What a word in a name field is when it is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameWord {
    /// "Mrs", "Herr", "Dr".
    Title(Gender),
    /// "van", "de la": people leave it out, shorten it and move it behind the name.
    Particle,
    /// "Mc", "O": belongs to the word that follows.
    Prefix,
    /// 1 senior, 2 junior, 3 the third.
    Generation(u8),
}

use NameWord::{Generation, Particle, Prefix, Title};

const NAME_WORDS: &[(NameWord, &str)] = &[
    (
        Title(Gender::Male),
        "mr mister sir lord herr hr dhr heer mijnheer meneer m monsieur senor sr don signor sig senhor pan pane panu \
         herrn msr messrs monsieur",
    ),
    (
        Title(Gender::Female),
        "mrs ms miss lady dame madam frau fr mevr mevrouw mw mej mejuffrouw mme madame mlle mademoiselle senora sra \
         senorita srta signora sigra signorina dona pani pania fru froken fraulein",
    ),
    (
        Title(Gender::Unknown),
        "dr doctor prof professor ir ing drs mag dipl mba phd msc bsc rev reverend hon mx docteur dott dottssa herrfrau \
         med jur rer nat",
    ),
    (
        Particle,
        "van von vom zu zum zur der den de het t ter ten te in op v d vd vdr vden la le les du des di da do dos das del della delle \
         dello degli dei el al bin ibn af av y e und und s st st. los las",
    ),
    (Prefix, "mc mac o fitz"),
    (Generation(1), "sr senior sen"),
    (Generation(2), "jr junior jun ii jnr"),
    (Generation(3), "iii iv"),
];

static WORDS: LazyLock<FxHashMap<&'static str, NameWord>> = LazyLock::new(|| by_word(NAME_WORDS));

/// What a folded word means beside a name.
pub fn name_word(word: &str) -> Option<NameWord> {
    WORDS.get(word).copied()
}

static LEGAL_FORMS: LazyLock<FxHashMap<&'static str, ()>> = LazyLock::new(|| {
    by_word(&[(
        (),
        "ltd limited llp plc cic inc incorporated llc corp corporation co company gmbh mbh ag kg kgaa ohg ug ek eg ev \
         gbr se bv nv vof cv bvba sprl srl sarl sas sasu sa eurl sci snc spa sapa sl slu sau lda sp zoo z o as \
         ab aps oy oyj asa kft rt doo sro spol the and und et en y e i & haftungsbeschrankt partners partg",
    )])
});

/// Whether a folded word of a company's name says its legal form, or nothing.
pub fn is_legal_form(word: &str) -> bool {
    LEGAL_FORMS.contains_key(word)
}
