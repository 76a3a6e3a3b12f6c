//! Staff and tokens.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use clap::Subcommand;
use platform::auth::staff::StaffInput;
use platform::auth::{Permission, PermissionSet, role, staff, token};
use platform::history::{Actor, Source};
use platform::ids::new_secret;
use platform::reach;

use super::config::Config;
use super::{Failure, Outcome, open};

#[derive(Subcommand)]
pub enum StaffCommand {
    /// Add somebody who can sign in.
    Add {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// Key or name of a role, for example administrator.
        #[arg(long)]
        role: String,
        /// Id or name of a channel the person belongs to, as often as needed; without one it is the whole shop.
        #[arg(long)]
        channel: Vec<String>,
        /// Read the password from standard input; without it one is made up and printed once.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List who can sign in.
    List,
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, once.
    Create {
        /// E-mail address of the person in whose name it works.
        #[arg(long)]
        staff: String,
        /// What it is for.
        #[arg(long)]
        name: String,
        /// Permissions it is limited to, for example customer.view; none means all of the person's.
        #[arg(long, num_args = 1..)]
        scope: Vec<String>,
    },
}

fn actor() -> Actor {
    Actor::system(Source::CommandLine, "")
}

/// Adds or lists staff.
pub async fn staff(config: Config, command: StaffCommand) -> Outcome {
    let app = open(&config).await?;
    match command {
        StaffCommand::List => {
            for person in staff::list(app.db.read()).await? {
                let state = if person.active { "" } else { "  (inactive)" };
                println!("{:<40} {:<30} {}{state}", person.email, person.name, person.role_name);
            }
        }
        StaffCommand::Add { email, name, role, channel, password_stdin } => {
            let roles = role::list(app.db.read()).await?;
            let wanted = roles.iter().find(|known| known.key == role || known.name.eq_ignore_ascii_case(&role));
            let Some(wanted) = wanted else {
                let known: Vec<&str> = roles.iter().map(|role| role.key.as_str()).collect();
                return Err(Failure::Refused(format!("There is no role {role}. There are: {}.", known.join(", "))));
            };
            let channels = reach::named_channels(&app, &channel).await?;
            let input = StaffInput { email, name, role_id: wanted.id, channels, active: true };
            let (password, made_up) = match password_stdin {
                true => (read_password()?, false),
                false => (new_secret()[..20].to_owned(), true),
            };
            let hash = staff::prepare_password(app.options.hash_cost, &input, &password).await?;
            let tx = app.begin_write().await?;
            staff::add(&tx, &actor(), &PermissionSet::of(Permission::ALL), app.clock.now(), &input, &hash).await?;
            tx.commit().await?;
            println!("{} can sign in as {}.", input.name, wanted.name);
            if made_up {
                println!("The password is {password}");
            }
        }
    }
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}

fn read_password() -> Result<String, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password: ");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Makes a token.
pub async fn token(config: Config, command: TokenCommand) -> Outcome {
    let TokenCommand::Create { staff: email, name, scope } = command;
    let app = open(&config).await?;
    let folded = email.trim().to_lowercase();
    let Some(person) = staff::find_by_email(app.db.read(), &folded).await? else {
        return Err(Failure::Refused(format!("Nobody signs in with {email}.")));
    };
    let tx = app.begin_write().await?;
    let (_, secret) = token::create(&tx, &actor(), app.clock.now(), person.id, &name, &scope).await?;
    tx.commit().await?;
    app.db.close().await?;
    println!("{secret}");
    Ok(ExitCode::SUCCESS)
}
