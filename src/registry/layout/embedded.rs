//! Files that are part of the binary.

use std::borrow::Cow;

use include_dir::Dir;

use super::store::{Store, StoreError};

/// A folder that was compiled in.
pub(super) struct Embedded(pub(super) &'static Dir<'static>);

impl Store for Embedded {
    fn read(&self, path: &str, bound: usize) -> Result<Cow<'static, [u8]>, StoreError> {
        // Paths inside a compiled-in folder start at the topmost one.
        let file = self.0.get_file(self.0.path().join(path));
        let content = file.ok_or(StoreError::Absent)?.contents();
        if content.len() > bound {
            return Err(StoreError::Longer);
        }
        Ok(Cow::Borrowed(content))
    }
}
