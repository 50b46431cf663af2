//! What waits: the one thread that asks, and the few beside it that read files.

use std::io;

use tokio::runtime::Builder;

/// How many files of layouts are read at once; each read has a thread.
const FILES_AT_ONCE: usize = 8;

/// It ends when it is dropped. Whatever still reads a file that nobody waits for any more is left to itself: to get through
/// a packed archive can take minutes, and ends with the process.
pub(super) struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    /// Makes ready.
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(FILES_AT_ONCE)
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Waits for something.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let runtime = self.0.as_ref();
        runtime
            .expect("it is there until it is dropped")
            .block_on(future)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
