//! A token server of the test: a few lines of HTTP that give what a registry's token login accepts.
//!
//! It follows Docker's token specification in both flows: GET with the account's password or with none, and POST with
//! a refresh token. It writes down every request it saw.

mod request;
mod signer;

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use super::{ACCOUNT, PASSWORD, Tool, base64};
use request::Request;
use signer::Signer;

/// The registry as its tokens name it.
pub(crate) const SERVICE: &str = "registry.acme.example";

/// The token server as its tokens name it.
pub(super) const ISSUER: &str = "tokens.acme.example";

/// What the account has in place of its password after `docker login`.
pub(crate) const REFRESH_TOKEN: &str = "refresh-of-bob";

/// The repositories that a test may push to where a token is needed: a token names each.
const REPOSITORIES: [&str; 2] = ["team/app", "public/app"];

/// Nobody may take longer to write a request.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who asked for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    /// Somebody who did not say.
    Anonymous,
    /// The account, by its password or refresh token.
    Account,
    /// Somebody with a password or refresh token that is not right.
    Stranger,
}

/// A request for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenRequest {
    /// `GET` or `POST`.
    pub(crate) method: String,
    /// Who asked.
    pub(crate) client: Client,
    /// The service it was for.
    pub(crate) service: String,
    /// What it was to allow.
    pub(crate) scopes: Vec<String>,
}

/// A token server that runs, and ends when dropped.
pub(crate) struct TokenServer {
    desk: Arc<Desk>,
    address: String,
    accepting: Option<JoinHandle<()>>,
}

impl TokenServer {
    /// Starts it with a key of its own in `folder`.
    pub(super) fn start(openssl: Tool, folder: &Path) -> Self {
        let signer = Signer::new(openssl, folder);
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().unwrap().to_string();
        let desk = Arc::new(Desk {
            signer,
            seen: Mutex::default(),
            closed: AtomicBool::new(false),
        });
        let accepting = thread::spawn({
            let desk = Arc::clone(&desk);
            move || desk.accept(&listener)
        });
        Self {
            desk,
            address,
            accepting: Some(accepting),
        }
    }

    /// Its name: `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> &str {
        &self.address
    }

    /// Where tokens are asked for.
    pub(crate) fn realm(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<TokenRequest> {
        self.desk.seen.lock().unwrap().clone()
    }

    /// The certificate of the key that tokens are signed with.
    pub(super) fn certificate(&self) -> PathBuf {
        self.desk.signer.certificate()
    }

    /// A token with which everything in the test's repositories may be done, given without a request.
    pub(super) fn token_to_push(&self) -> String {
        let everything = REPOSITORIES.map(|name| {
            let actions = ["pull", "push"];
            json!({"type": "repository", "name": name, "actions": actions})
        });
        self.desk.signer.token(ACCOUNT, &json!(everything))
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.desk.closed.store(true, Ordering::SeqCst);
        // Wakes it from waiting for a connection.
        let _ = TcpStream::connect(&self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// What the threads of a server share.
struct Desk {
    signer: Signer,
    seen: Mutex<Vec<TokenRequest>>,
    closed: AtomicBool,
}

impl Desk {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming().map_while(Result::ok) {
            if self.closed.load(Ordering::SeqCst) {
                return;
            }
            let desk = Arc::clone(self);
            // A client that goes away is a matter of the test that sent it.
            thread::spawn(move || drop(desk.serve(stream)));
        }
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let request = Request::read(&mut BufReader::new(&mut stream))?;
        let (status, body) = match request.method.as_str() {
            "GET" | "POST" if request.path == "/token" => self.answer(&request),
            _ => ("404 Not Found", json!({})),
        };
        let body = body.to_string();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )
    }

    fn answer(&self, request: &Request) -> (&'static str, Value) {
        let client = request.client();
        let scopes = request.scopes();
        let granted = granted(client, &scopes);
        self.seen.lock().unwrap().push(TokenRequest {
            method: request.method.clone(),
            client,
            service: request.values("service").concat(),
            scopes,
        });
        let subject = match client {
            Client::Stranger => {
                let error = json!({"code": "UNAUTHORIZED", "message": "wrong password"});
                return ("401 Unauthorized", json!({"errors": [error]}));
            }
            Client::Account => ACCOUNT,
            Client::Anonymous => "",
        };
        let token = self.signer.token(subject, &granted);
        // Docker's specification calls it by one name in the first flow, by the other in the second.
        let name = match request.method.as_str() {
            "POST" => "access_token",
            _ => "token",
        };
        let mut body = json!({"expires_in": 300});
        body[name] = json!(token);
        ("200 OK", body)
    }
}

/// What is granted of what was asked for. Who may less than asked gets a token all the same (Docker's token
/// specification); the registry then refuses.
fn granted(client: Client, scopes: &[String]) -> Value {
    let grant = |scope: &String| {
        let (kind, rest) = scope.split_once(':')?;
        let (name, asked) = rest.rsplit_once(':')?;
        let may = |action: &&str| match client {
            Client::Account => true,
            Client::Anonymous => *action == "pull" && name.starts_with("public/"),
            Client::Stranger => false,
        };
        let actions: Vec<&str> = asked.split(',').filter(may).collect();
        (!actions.is_empty()).then(|| json!({"type": kind, "name": name, "actions": actions}))
    };
    scopes.iter().filter_map(grant).collect()
}
