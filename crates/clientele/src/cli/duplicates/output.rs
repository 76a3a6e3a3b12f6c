//! Writing what a scan found. A file appears under its name when it is whole; a reader never sees half of one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use matching::{Pair, Scan};
use rayon::prelude::*;

use super::people::Customers;
use crate::cli::Failure;

/// Pairs that are explained together, on all cores, before they are written.
const CHUNK: usize = 16_384;

/// Writes the pairs: ids, probability, and why.
pub fn pairs(path: &Path, customers: &Customers, scan: &Scan) -> Result<(), Failure> {
    whole(path, |writer| {
        writer.write_record(["id_a", "id_b", "probability", "explanation"])?;
        for pairs in scan.pairs.chunks(CHUNK) {
            let explained: Vec<(&Pair, String)> =
                pairs.par_iter().map(|pair| (pair, explanation(pair, customers, scan))).collect();
            for (pair, why) in explained {
                let probability = format!("{:.4}", pair.probability);
                writer.write_record([customers.id(pair.a), customers.id(pair.b), &probability, &why])?;
            }
        }
        Ok(())
    })
}

fn explanation(pair: &Pair, customers: &Customers, scan: &Scan) -> String {
    let (a, b) = (&customers.people[pair.a as usize], &customers.people[pair.b as usize]);
    let score = scan.model.score(a, b, &scan.statistics);
    let alone = score.explanation();
    match pair.over {
        Some(over) => format!("held together by {}; alone {:.4}: {alone}", customers.id(over), score.probability),
        None => alone,
    }
}

/// Writes the cluster of each customer that has a duplicate, named by the first customer in it.
pub fn clusters(path: &Path, customers: &Customers, scan: &Scan) -> Result<(), Failure> {
    whole(path, |writer| {
        writer.write_record(["id", "cluster"])?;
        for members in &scan.clusters {
            let cluster = customers.id(members[0]);
            for member in members {
                writer.write_record([customers.id(*member), cluster])?;
            }
        }
        Ok(())
    })
}

/// Writes a file beside its place and moves it there when it is whole.
fn whole(
    path: &Path,
    write: impl FnOnce(&mut csv::Writer<BufWriter<File>>) -> Result<(), csv::Error>,
) -> Result<(), Failure> {
    let refused = |problem: String| Failure::Refused(format!("{}: {problem}", path.display()));
    let beside = beside(path);
    let written = (|| {
        let mut writer = csv::Writer::from_writer(BufWriter::new(File::create(&beside)?));
        write(&mut writer)?;
        let mut file = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
        file.flush()?;
        file.get_ref().sync_all()?;
        std::fs::rename(&beside, path)?;
        Ok(())
    })();
    written.map_err(|problem: csv::Error| {
        // It may not have been made at all.
        let _ = std::fs::remove_file(&beside);
        refused(problem.to_string())
    })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    path.with_file_name(name)
}
