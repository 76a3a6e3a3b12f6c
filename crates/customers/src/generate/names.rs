//! Names of five countries: the common ones, and parts of which the rare ones are put together.

use super::random::Chance;

/// How people are called in one country.
pub(super) struct Naming {
    /// Commonest first, a man's and a woman's in turn.
    first: &'static [&'static str],
    /// Commonest first.
    last: &'static [&'static str],
    /// Beginnings and ends of rare last names.
    stems: &'static [&'static str],
    endings: &'static [&'static str],
    /// Small words before some last names.
    particles: &'static [&'static str],
    /// For a man and for a woman.
    titles: &'static [[&'static str; 2]],
}

impl Naming {
    /// A first name and the form of address that goes with it. Four in five have a common name, the others a double one.
    pub(super) fn first(&self, chance: &mut Chance) -> (String, &'static str) {
        let women = chance.below(2) as usize;
        let of_same = |common: bool, chance: &mut Chance| {
            let half = self.first.len() / 2;
            let at = if common { chance.below_common(half as u64) } else { chance.below(half as u64) };
            self.first[at as usize * 2 + women]
        };
        let name = of_same(true, chance);
        let name = match chance.below(20) {
            0 => format!("{name}-{}", of_same(false, chance)),
            1 | 2 => format!("{name} {}", of_same(false, chance)),
            _ => name.to_owned(),
        };
        let titles = &self.titles[chance.below(self.titles.len() as u64) as usize];
        (name, titles[women])
    }

    /// Half have a common name; the others one put together, of which there are many thousands.
    pub(super) fn last(&self, chance: &mut Chance) -> String {
        let name = match chance.below(20) {
            0..=9 => chance.pick_common(self.last).to_owned(),
            10 => format!("{}-{}", chance.pick(self.last), chance.pick_common(self.last)),
            11..=15 => format!("{}{}", chance.pick(self.stems), chance.pick(self.endings)),
            _ => {
                let middle = chance.pick(self.stems).to_lowercase();
                format!("{}{}{}", chance.pick(self.stems), middle, chance.pick(self.endings))
            }
        };
        if !self.particles.is_empty() && chance.percent(12) && !name.contains(' ') {
            return format!("{} {name}", chance.pick(self.particles));
        }
        name
    }
}

pub(super) static GB: Naming = Naming {
    first: &[
        "Oliver", "Olivia", "George", "Amelia", "Harry", "Isla", "Jack", "Emily", "James", "Sophie", "Thomas", "Grace",
        "William", "Charlotte", "Daniel", "Lucy", "Joshua", "Jessica", "David", "Sarah", "Matthew", "Emma", "Andrew",
        "Rachel", "Peter", "Susan", "Paul", "Margaret", "Mark", "Helen", "Stephen", "Alison", "Callum", "Fiona",
        "Ewan", "Siân", "Rhys", "Niamh", "Liam", "Aoife", "Mohammed", "Aisha", "Arjun", "Priya", "Nigel", "Gillian",
        "Clive", "Maureen", "Rupert", "Philippa", "Alistair", "Imogen", "Barnaby", "Beatrix", "Quentin", "Araminta",
    ],
    last: &[
        "Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Robinson", "Wright",
        "Thompson", "Evans", "Walker", "White", "Roberts", "Green", "Hall", "Wood", "Jackson", "Clarke", "Khan",
        "Hughes", "Edwards", "Hill", "Moore", "Clark", "Harrison", "Scott", "Young", "Morris", "Hussain", "Ward",
        "Begum", "O'Brien", "MacDonald", "Campbell", "Stewart", "Murray", "Graham", "Fraser", "O'Neill", "Kelly",
        "Murphy", "Fletcher",
    ],
    stems: &[
        "Ash", "Black", "Brad", "Brook", "Burn", "Cald", "Chat", "Clif", "Cran", "Den", "East", "Ell", "Fair", "Far",
        "Glen", "Graf", "Had", "Hart", "Haw", "Hol", "Kirk", "Lang", "Led", "Lin", "Long", "Mars", "Mel", "Mor", "Nor",
        "Oak", "Pem", "Pres", "Rad", "Red", "Rock", "Row", "Shel", "Stan", "Stock", "Swin", "Thorn", "Wal", "West",
        "Whit", "Win", "Wood",
    ],
    endings: &[
        "ford", "ton", "ley", "wood", "field", "worth", "by", "ham", "stead", "well", "shaw", "croft", "bridge",
        "combe", "hurst", "more", "side", "stone", "ridge", "land", "wick", "bourne", "dale", "man",
    ],
    particles: &[],
    titles: &[["Mr", "Mrs"], ["Mr", "Ms"], ["Mr", "Miss"], ["Dr", "Dr"]],
};

pub(super) static US: Naming = Naming {
    first: &[
        "James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Elizabeth", "William",
        "Barbara", "Richard", "Susan", "Joseph", "Jessica", "Thomas", "Karen", "Christopher", "Lisa", "Charles",
        "Nancy", "Daniel", "Ashley", "Matthew", "Emily", "Anthony", "Kimberly", "Mark", "Michelle", "José", "María",
        "Juan", "Guadalupe", "Tyler", "Brittany", "Jamal", "Latoya", "Wei", "Mei", "Hunter", "Madison", "Cody",
        "Savannah", "Desmond", "Imani", "Rafael", "Xiomara", "Thaddeus", "Winifred", "Cornelius", "Ophelia",
    ],
    last: &[
        "Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Rodriguez", "Martinez",
        "Hernandez", "Lopez", "Gonzalez", "Wilson", "Anderson", "Thomas", "Taylor", "Moore", "Jackson", "Martin",
        "Lee", "Perez", "Thompson", "White", "Harris", "Sanchez", "Clark", "Ramirez", "Lewis", "Robinson", "Walker",
        "Young", "Allen", "King", "Wright", "Scott", "Torres", "Nguyen", "Hill", "Flores", "Kowalski", "Schneider",
        "O'Connor", "Núñez", "Peña",
    ],
    stems: &[
        "Alder", "Ander", "Barn", "Beck", "Bran", "Brook", "Carl", "Chand", "Colt", "Dal", "Dick", "East", "Ell",
        "Ever", "Fitz", "Gard", "Gold", "Good", "Green", "Hamp", "Hast", "Hend", "Holl", "Jeffer", "Ken", "Lang",
        "Lock", "Mad", "Mont", "New", "Nor", "Over", "Pat", "Pem", "Rich", "Rob", "Rosen", "Sander", "Silver", "Stan",
        "Steven", "Thorn", "Under", "Wash", "Weber", "Whit",
    ],
    endings: &[
        "son", "man", "berg", "er", "field", "ford", "ton", "wood", "stein", "well", "worth", "ley", "ick", "ington",
        "land", "mann", "thal", "baum", "bridge", "hill", "ridge", "stone", "meyer", "ski",
    ],
    particles: &["De", "La", "St."],
    titles: &[["Mr.", "Mrs."], ["Mr.", "Ms."], ["Mr.", "Ms."], ["Dr.", "Dr."]],
};

pub(super) static DE: Naming = Naming {
    first: &[
        "Peter", "Ursula", "Michael", "Karin", "Thomas", "Sabine", "Andreas", "Petra", "Wolfgang", "Monika", "Klaus",
        "Susanne", "Jürgen", "Claudia", "Günter", "Andrea", "Stefan", "Birgit", "Christian", "Anna", "Uwe", "Julia",
        "Werner", "Katharina", "Hans", "Anja", "Frank", "Nicole", "Dieter", "Heike", "Ralf", "Bärbel", "Jörg", "Lena",
        "Lukas", "Hannah", "Leon", "Mia", "Finn", "Fatma", "Mehmet", "Ayşe", "Emre", "Käthe", "Götz", "Hiltrud",
        "Ansgar", "Walburga", "Eberhard", "Kunigunde", "Ottokar", "Edeltraud",
    ],
    last: &[
        "Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann",
        "Schäfer", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann",
        "Braun", "Krüger", "Hofmann", "Hartmann", "Lange", "Schmitt", "Werner", "Krause", "Meier", "Lehmann", "Köhler",
        "Huber", "Kaiser", "Fuchs", "Peters", "Lang", "Scholz", "Möller", "Weiß", "Jung", "Yılmaz", "Kaya", "Groß",
        "Vogel",
    ],
    stems: &[
        "Acker", "Adel", "Alten", "Baum", "Berg", "Birken", "Blumen", "Brand", "Brücken", "Buchen", "Burg", "Dorn",
        "Eichen", "Eisen", "Erlen", "Falken", "Feld", "Felsen", "Gersten", "Gold", "Grün", "Hagen", "Heiden", "Hirsch",
        "Hohen", "Kirch", "Klingen", "Königs", "Kupfer", "Linden", "Mühlen", "Neu", "Ober", "Rosen", "Sand",
        "Schwarzen", "Silber", "Stein", "Tannen", "Wald", "Wasser", "Weiden", "Wein", "Winter", "Wolfs", "Ziegel",
    ],
    endings: &[
        "mann", "meier", "bauer", "berger", "hofer", "stein", "bach", "feld", "dorf", "hauser", "müller", "schmidt",
        "heimer", "egger", "brunner", "huber", "acker", "kamp", "brink", "hoff", "rath", "wald", "thal", "burger",
    ],
    particles: &["von", "von der", "zu"],
    titles: &[["Herr", "Frau"], ["Herr", "Frau"], ["Herr", "Frau"], ["Herr", "Frau"], ["Dr.", "Dr."]],
};

pub(super) static NL: Naming = Naming {
    first: &[
        "Jan", "Maria", "Johannes", "Anna", "Pieter", "Johanna", "Cornelis", "Elisabeth", "Hendrik", "Cornelia",
        "Willem", "Wilhelmina", "Daan", "Emma", "Sem", "Julia", "Lucas", "Sophie", "Bram", "Lotte", "Thijs", "Fleur",
        "Jeroen", "Marieke", "Maarten", "Ingrid", "Bas", "Anouk", "Ruud", "Saskia", "Gijs", "Femke", "Joost", "Sanne",
        "Sjoerd", "Tjitske", "Mohamed", "Fatima", "Youssef", "Naïma", "René", "Zoë", "Koen", "Noëlle", "Wiebe",
        "Geertruida", "Lubbert", "Hillechien",
    ],
    last: &[
        "de Jong", "Jansen", "de Vries", "van den Berg", "van Dijk", "Bakker", "Janssen", "Visser", "Smit", "Meijer",
        "de Boer", "Mulder", "de Groot", "Bos", "Vos", "Peters", "Hendriks", "van Leeuwen", "Dekker", "Brouwer",
        "de Wit", "Dijkstra", "Smits", "de Graaf", "van der Meer", "van der Linden", "Kok", "Jacobs", "de Haan",
        "Vermeulen", "van den Heuvel", "van der Veen", "van den Broek", "Prins", "Koster", "Willems", "van Vliet",
        "Huisman", "'t Hooft", "Postma", "Kuipers", "Yılmaz", "El Amrani", "Veenstra",
    ],
    stems: &[
        "Aar", "Berk", "Beuken", "Blom", "Boer", "Boom", "Brand", "Broek", "Burg", "Dijk", "Duin", "Eik", "Elzen",
        "Gras", "Groen", "Haver", "Heide", "Hoog", "Hout", "Kamer", "Kerk", "Klaver", "Klein", "Kruis", "Laag", "Land",
        "Linden", "Maas", "Meer", "Molen", "Nieuwen", "Noord", "Oost", "Oude", "Plant", "Riet", "Rooden", "Ruiter",
        "Schoon", "Steen", "Veld", "Vlier", "Water", "Wester", "Wijn", "Zand", "Zwaan",
    ],
    endings: &[
        "stra", "sma", "man", "mans", "huis", "huizen", "burg", "veld", "dijk", "kamp", "hof", "beek", "berg", "brink",
        "bergen", "horst", "wijk", "weg", "bosch", "zoon", "ema", "inga", "haar", "meijer",
    ],
    particles: &["van", "van de", "van der", "ten", "ter", "de"],
    titles: &[["De heer", "Mevrouw"], ["Dhr.", "Mevr."], ["De heer", "Mevrouw"], ["Dr.", "Dr."]],
};

pub(super) static FR: Naming = Naming {
    first: &[
        "Jean", "Marie", "Pierre", "Nathalie", "Michel", "Isabelle", "Philippe", "Sylvie", "Alain", "Catherine",
        "Nicolas", "Martine", "Christophe", "Christine", "Patrick", "Françoise", "Thomas", "Valérie", "Laurent",
        "Sandrine", "Julien", "Stéphanie", "David", "Céline", "Éric", "Camille", "Frédéric", "Léa", "Sébastien",
        "Manon", "Gaël", "Chloé", "Hugo", "Inès", "Benoît", "Zoé", "Jérôme", "Anaïs", "François", "Hélène", "Mohamed",
        "Yasmine", "Loïc", "Maëlle", "Aurélien", "Clémence", "Gaspard", "Apolline", "Théophile", "Eugénie",
    ],
    last: &[
        "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent", "Simon",
        "Michel", "Lefèvre", "Leroy", "Roux", "David", "Bertrand", "Morel", "Fournier", "Girard", "Bonnet", "Dupont",
        "Lambert", "Fontaine", "Rousseau", "Vincent", "Müller", "Lefebvre", "Faure", "André", "Mercier", "Blanc",
        "Guérin", "Boyer", "Garnier", "Chevalier", "François", "Legrand", "Gauthier", "Benali", "Perrin", "D'Almeida",
        "L'Hôte",
    ],
    stems: &[
        "Beau", "Bel", "Ber", "Bois", "Bour", "Bran", "Cham", "Char", "Châte", "Clair", "Cour", "Dela", "Des", "Du",
        "Far", "Fon", "Gar", "Gau", "Grand", "Gui", "Haut", "Jou", "La", "Lan", "Le", "Mal", "Mar", "Mon", "Mont",
        "Mou", "Nou", "Per", "Pon", "Pré", "Rai", "Ron", "Rou", "Saint-", "Sau", "Tour", "Val", "Vau", "Ver", "Vil",
        "Vin",
    ],
    endings: &[
        "mont", "bois", "court", "ville", "lard", "rand", "chard", "don", "rier", "reau", "nier", "mier", "gnon",
        "teau", "ret", "lin", "nard", "quet", "bert", "lier", "tier", "ssard", "rel", "dier",
    ],
    particles: &["de", "de la", "du"],
    titles: &[["M.", "Mme"], ["Monsieur", "Madame"], ["M.", "Mme"]],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_as_many_names_of_men_as_of_women() {
        for naming in [&GB, &US, &DE, &NL, &FR] {
            assert_eq!(naming.first.len() % 2, 0, "{}", naming.first[0]);
        }
    }

    #[test]
    fn the_form_of_address_fits_the_name() {
        let mut chance = Chance::of(1, 1);
        for _ in 0..1000 {
            let (name, title) = DE.first(&mut chance);
            let wrong = [("Ursula", "Herr"), ("Peter", "Frau")];
            assert!(!wrong.iter().any(|(first, other)| name.starts_with(first) && title == *other), "{title} {name}");
        }
    }
}
