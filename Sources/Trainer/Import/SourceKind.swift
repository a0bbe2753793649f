import KitBuilder

/// The kinds of files in a source.
enum SourceKind {
  /// The extensions of files that may contain audio: those of libsndfile, and more that ffmpeg reads.
  static let sounds = RecordingTree.extensions.union([
    "3gp", "aac", "amr", "m4a", "m4b", "mka", "mkv", "mov", "mp4", "webm", "wma",
  ])

  /// Returns whether a name has the extension of an audio file.
  static func isSound(_ name: String) -> Bool { sounds.contains(ending(of: name)) }

  /// Returns a name's extension in lower case without the dot; empty if there is none.
  static func ending(of name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 ? parts[parts.count - 1].lowercased() : ""
  }

  /// Returns whether a path is a file that systems create in directories and archives.
  static func isClutter(_ path: String) -> Bool {
    path.split(separator: "/").contains { part in
      part.hasPrefix(".") && part != "." && part != ".."
        || ["__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir"].contains(String(part))
    }
  }

  /// Returns the archive format, other than ZIP, of a file's first bytes.
  static func packing(_ head: [UInt8]) -> String? {
    for (mark, name) in [
      (Array("Rar!".utf8), "RAR"), ([0x37, 0x7A, 0xBC, 0xAF], "7z"), ([0x1F, 0x8B], "gzip"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"), (Array("BZh".utf8), "bzip2"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
    ] where head.starts(with: mark) { return name }
    return nil
  }
}
