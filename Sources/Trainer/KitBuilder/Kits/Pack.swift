import CZip
import Encoding
import Glibc
import Kit
import Posix

/// Why no kit was written. The file that was there before, if any, is as it was.
public enum PackError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kit would be refused by who opens it; `document` is the manifest at fault.
  case content(document: String, DocumentError)
  case key(KeyError)
  case system(SystemError)
  /// libzip refused.
  case container(path: String, why: String)

  public var description: String {
    switch self {
    case .content(let document, let error): "cannot build the kit: \(document): \(error)"
    case .key(let error): error.description
    case .system(let error): error.description
    case .container(let path, let why): "\(path): cannot write the container: \(why)"
    }
  }
}

/// An encoded clip on its way into a kit.
public struct PackedClip: Sendable {
  /// `file`, `sha256`, `bytes` and `wording` are filled in when the kit is written, whatever they say here.
  public var clip: Clip
  /// The Ogg Opus stream.
  public var content: [UInt8]

  public init(_ clip: Clip, content: [UInt8]) {
    self.clip = clip
    self.content = content
  }
}

/// One language on its way into a kit.
public struct PackedBundle: Sendable {
  /// Its own `clips` are replaced by those below, sorted.
  public var manifest: BundleManifest
  public var clips: [PackedClip]

  public init(_ manifest: BundleManifest, clips: [PackedClip]) {
    self.manifest = manifest
    self.clips = clips
  }
}

/// Writes kits: manifests, hashes and signatures around clips that are ready. The same inputs give the same bytes.
public enum Pack {
  /// Writes the kit `path`, signed by `key`; what stood there is replaced whole or not at all.
  ///
  /// `manifest` gives the kit's name, version, prompts and so on; its own `bundles` are replaced by those given, in
  /// their order. Prompts are sorted. Everything is checked as a reader would before anything is written.
  /// Returns the manifest as it was written.
  @discardableResult
  public static func write(
    _ manifest: KitManifest, bundles: [PackedBundle], signedBy key: SecretKey, to path: String
  ) throws(PackError) -> KitManifest {
    var kit = manifest
    kit.prompts.sort { $0.number < $1.number }
    kit.bundles = []
    var entries: [(name: String, content: [UInt8])] = []
    var manifests: [BundleManifest] = []
    for bundle in bundles {
      let (written, content) = try finish(bundle)
      entries += content
      let name = KitLayout.bundle(written.tag)
      let document = try encode(written, name)
      let comment = comment(written.tag, of: kit)
      entries.append((name, document))
      entries.append((KitLayout.signature(of: name), try sign(document, key, comment)))
      manifests.append(written)
      kit.bundles.append(BundleEntry(tag: written.tag, manifest: name, sha256: Digest.sha256(document)))
    }
    try check(KitLayout.manifest) { () throws(DocumentError) in
      try kit.validate()
      try kit.validate(with: manifests)
    }
    let document = try encode(kit, KitLayout.manifest)
    entries.append((KitLayout.manifest, document))
    let signature = try sign(document, key, comment(kit))
    entries.append((KitLayout.signature(of: KitLayout.manifest), signature))
    try write(entries, to: path)
    return kit
  }

  /// Writes a container with these entries, `mimetype` before them and they sorted by the bytes of their names; what
  /// stood at `path` is replaced whole or not at all. No name may come twice.
  public static func write(_ entries: [(name: String, content: [UInt8])], to path: String) throws(PackError) {
    let sorted = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let container = try Container(
      [(KitLayout.mimetype, Array(KitLayout.mimetypeContent.utf8))] + sorted, path: path)
    // As Files.replace, but in pieces: a kit need not stand in memory once more.
    let temporary = path + ".part"
    do throws(PackError) {
      try container.write(to: temporary)
      do throws(SystemError) { try Files.commit(temporary, as: path) } catch { throw .system(error) }
    } catch {
      _ = unlink(temporary)
      throw error
    }
  }

  /// The bundle's manifest with its clips sorted and their files filled in, and the clips as entries.
  private static func finish(
    _ bundle: PackedBundle
  ) throws(PackError) -> (BundleManifest, [(name: String, content: [UInt8])]) {
    var manifest = bundle.manifest
    manifest.clips = []
    var entries: [(name: String, content: [UInt8])] = []
    for packed in bundle.clips.sorted(by: { ($0.clip.number, $0.clip.voice) < ($1.clip.number, $1.clip.voice) }) {
      var clip = packed.clip
      clip.file = KitLayout.clip(tag: manifest.tag, voice: clip.voice, number: clip.number, prompt: clip.prompt)
      clip.bytes = packed.content.count
      clip.sha256 = Digest.sha256(packed.content)
      clip.wording = Digest.sha256(clip.text)
      manifest.clips.append(clip)
      entries.append((clip.file, packed.content))
    }
    let done = manifest
    try check(KitLayout.bundle(done.tag)) { () throws(DocumentError) in try done.validate() }
    return (done, entries)
  }

  /// What a publisher says of the kit.
  static func comment(_ kit: KitManifest) -> String { "firstword kit \(kit.name) \(kit.version)" }

  /// What a publisher says of one of its languages.
  static func comment(_ tag: String, of kit: KitManifest) -> String {
    "firstword bundle \(tag) of \(kit.name) \(kit.version)"
  }

  static func encode(_ value: some Encodable, _ document: String) throws(PackError) -> [UInt8] {
    do throws(DocumentError) { return try Documents.encode(value) } catch { throw .content(document: document, error) }
  }

  static func check(_ document: String, _ work: () throws(DocumentError) -> Void) throws(PackError) {
    do throws(DocumentError) { try work() } catch { throw .content(document: document, error) }
  }

  static func sign(
    _ document: [UInt8], _ key: SecretKey, _ comment: String
  ) throws(PackError) -> [UInt8] {
    do throws(KeyError) { return try key.sign(document, trustedComment: comment).file } catch { throw .key(error) }
  }
}

/// A finished ZIP file in memory, made by libzip. (libzip could write the file itself, but under a name that it
/// chooses and leaves behind when it is killed, and it syncs nothing.)
private struct Container: ~Copyable {
  /// A buffer source that we keep a reference to. zip_source_buffer_create(3)
  private let source: OpaquePointer
  private let path: String

  init(_ entries: [(name: String, content: [UInt8])], path: String) throws(PackError) {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_buffer_create(nil, 0, 0, &error) else { throw Self.failure(&error, path) }
    zip_source_keep(source)
    guard let archive = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &error) else {
      zip_source_free(source)
      zip_source_free(source)
      throw Self.failure(&error, path)
    }
    var done = true
    for (name, content) in entries where done { done = Self.add(name, content, to: archive) }
    // The order of evaluation matters: nothing is closed that is not complete.
    guard done, zip_close(archive) == 0 else {
      let failure = Self.failure(zip_get_error(archive), path)
      zip_discard(archive)
      zip_source_free(source)
      throw failure
    }
    self.source = source
    self.path = path
  }

  deinit { zip_source_free(source) }

  /// Stored, dated as the reader wants it, with the attributes of an ordinary file whatever this libzip would choose.
  private static func add(_ name: String, _ content: [UInt8], to archive: OpaquePointer) -> Bool {
    // libzip frees the copy with free(3); the array itself may move before the archive is closed.
    guard let copy = malloc(max(1, content.count)) else {
      zip_error_set(zip_get_error(archive), ZIP_ER_MEMORY, 0)
      return false
    }
    content.withUnsafeBytes { if let start = $0.baseAddress { copy.copyMemory(from: start, byteCount: content.count) } }
    guard let source = zip_source_buffer(archive, copy, zip_uint64_t(content.count), 1) else {
      free(copy)
      return false
    }
    let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_GUESS))
    guard index >= 0 else {
      zip_source_free(source)
      return false
    }
    let number = zip_uint64_t(index)
    let midnight: zip_uint16_t = 0
    let firstDay: zip_uint16_t = 0x21
    return zip_set_file_compression(archive, number, ZIP_CM_STORE, 0) == 0
      && zip_file_set_dostime(archive, number, midnight, firstDay, 0) == 0
      && zip_file_set_external_attributes(archive, number, 0, zip_uint8_t(ZIP_OPSYS_UNIX), 0o100644 << 16) == 0
  }

  /// Writes and syncs the file `temporary`.
  borrowing func write(to temporary: String) throws(PackError) {
    guard zip_source_open(source) == 0 else { throw Self.failure(zip_source_error(source), path) }
    defer { zip_source_close(source) }
    do throws(SystemError) {
      let file = try FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
      while true {
        var count: zip_int64_t = 0
        let piece = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, filled in
          count = zip_source_read(source, buffer.baseAddress!, zip_uint64_t(buffer.count))
          filled = max(0, Int(count))
        }
        if count < 0 { throw SystemError("read the container", path: path, code: EIO) }
        if count == 0 { break }
        try file.write(piece)
      }
      try posix("fsync", path: temporary) { fsync(file.raw) }
    } catch { throw .system(error.at(temporary)) }
  }

  private static func failure(_ error: UnsafeMutablePointer<zip_error_t>?, _ path: String) -> PackError {
    .container(path: path, why: error.flatMap(zip_error_strerror).map { String(cString: $0) } ?? "unknown reason")
  }
}
