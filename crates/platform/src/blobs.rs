//! Files in a local folder (an `object_store`, so that S3 can take its place).

use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};

use crate::error::{AppError, AppResult};

/// Where uploaded and written files live.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// Files below `folder`, which is created when missing.
    pub fn folder(folder: &FilePath) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(std::io::Error::other)?;
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    /// Writes a whole stream under `key`; nothing is visible before all of it is there.
    /// Answers the number of bytes.
    ///
    /// # Errors
    /// `TooLarge` past `most` bytes, and whatever the stream fails with.
    pub async fn write<S, E>(&self, key: &str, mut stream: S, most: u64) -> AppResult<u64>
    where
        S: futures::Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let upload = self.0.put_multipart(&Path::from(key)).await.map_err(AppError::broken)?;
        let mut writer = WriteMultipart::new(upload);
        let mut size = 0;
        while let Some(chunk) = stream.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(error) => {
                    writer.abort().await.map_err(AppError::broken)?;
                    return Err(AppError::broken(error));
                }
            };
            size += chunk.len() as u64;
            if size > most {
                writer.abort().await.map_err(AppError::broken)?;
                return Err(AppError::TooLarge);
            }
            writer.write(&chunk);
        }
        writer.finish().await.map_err(AppError::broken)?;
        Ok(size)
    }

    /// Reads a file as a stream.
    ///
    /// # Errors
    /// `NotFound` when there is no such file.
    pub async fn read(&self, key: &str) -> AppResult<BoxStream<'static, std::io::Result<Bytes>>> {
        match self.0.get(&Path::from(key)).await {
            Ok(file) => Ok(file.into_stream().map_err(std::io::Error::other).boxed()),
            Err(object_store::Error::NotFound { .. }) => Err(AppError::NotFound),
            Err(error) => Err(AppError::broken(error)),
        }
    }

    /// Removes a file; a missing one is fine.
    pub async fn delete(&self, key: &str) -> AppResult<()> {
        match self.0.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(AppError::broken(error)),
        }
    }
}
