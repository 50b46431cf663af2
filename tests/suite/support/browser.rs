//! A real browser without a window, told what to do over a pair of pipes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::tools::Tool;

/// What it says about itself is not asked for, and nobody is told that it runs.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-first-run",
    "--no-proxy-server",
    "--remote-debugging-pipe",
];

/// No answer may take longer, even on a machine that builds something else meanwhile.
const LIMIT: Duration = Duration::from_secs(60);

/// The pipes are its third and fourth file, as it wants them.
const PIPES: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// Runs in every page before all else: what the page's own policy forbids is written down.
const WATCH: &str = "window.forbidden = []; addEventListener('securitypolicyviolation', \
                     event => forbidden.push(event.violatedDirective));";

/// A browser with one page.
pub(crate) struct Browser {
    process: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    session: String,
    calls: u64,
    /// What it told of without being asked.
    events: Vec<Value>,
    /// Its profile, which is of no further use.
    _profile: TempDir,
}

impl Browser {
    /// Starts one, where there is one.
    pub(crate) fn start() -> Option<Self> {
        let tool = Tool::find("chromium")?;
        let profile = TempDir::new().expect("there is room for a folder");
        let program = tool.command().get_program().to_owned();
        let mut command = Command::new("sh");
        command.args(["-c", PIPES, "sh"]).arg(program).args(FLAGS);
        let folder = format!("--user-data-dir={}", profile.path().display());
        command.args([&folder, "about:blank"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the browser is installed");
        let to = process.stdin.take().expect("it is a pipe");
        let from = process.stdout.take().expect("it is a pipe");
        let mut browser = Self {
            process,
            to,
            from: messages(from),
            session: String::new(),
            calls: 0,
            events: Vec::new(),
            _profile: profile,
        };
        browser.attach();
        Some(browser)
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}));
        let which = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call("Target.attachToTarget", which);
        self.session = session["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Network", "Log"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        let script = json!({"source": WATCH});
        self.call("Page.addScriptToEvaluateOnNewDocument", script);
    }

    /// Tells it to do something, and waits for what comes of it.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let bytes = [message.to_string().as_bytes(), b"\0"].concat();
        self.to.write_all(&bytes).expect("the browser listens");
        loop {
            let message = self.read();
            if message["id"] == self.calls {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn read(&mut self) -> Value {
        let message = self.from.recv_timeout(LIMIT);
        message.expect("the browser answers in time")
    }

    /// Opens a file and waits until all of it is there.
    pub(crate) fn open(&mut self, path: &Path) {
        self.events.clear();
        let url = format!("file://{}", path.display());
        self.call("Page.navigate", json!({"url": url}));
        let is_loaded = |event: &Value| event["method"] == "Page.loadEventFired";
        while !self.events.iter().any(is_loaded) {
            let event = self.read();
            self.events.push(event);
        }
    }

    /// The value of an expression in the page, or of what it promises.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", params);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Presses a key on whatever has the focus.
    pub(crate) fn press_enter(&mut self) {
        for kind in ["keyDown", "keyUp"] {
            let key = json!({"type": kind, "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13});
            self.call("Input.dispatchKeyEvent", key);
        }
    }

    /// What was asked for since the page was opened, by its address.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.told("Network.requestWillBeSent", "/params/request/url")
    }

    /// What the browser and scripts complained of since the page was opened.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut all = self.told("Log.entryAdded", "/params/entry/text");
        all.extend(self.told("Runtime.exceptionThrown", "/params/exceptionDetails/text"));
        all
    }

    fn told(&self, method: &str, path: &str) -> Vec<String> {
        let events = self.events.iter().filter(|event| event["method"] == method);
        let texts = events.filter_map(|event| event.pointer(path)?.as_str());
        texts.map(str::to_owned).collect()
    }
}

/// What it says, message by message, until it is gone.
fn messages(from: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for message in BufReader::new(from).split(0).map_while(Result::ok) {
            let message = serde_json::from_slice(&message).expect("it speaks JSON");
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
