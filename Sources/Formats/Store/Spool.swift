import Encoding
import Glibc
import Kit
import Posix

/// The directory through which members of a group hand signed files to root, which alone changes a device's store:
///
///     in/            what waits: NAME.kit, NAME.pub, or NAME.json with NAME.json.minisig
///     results.json   what became of it
///     lock
///
/// `in` is sticky and setgid: each member of the group adds files, and nobody replaces those of another. The rest
/// belongs to root. A file is written under a hidden name and renamed when it is whole.
///
/// Root trusts nothing of it: links and special files are removed unopened; a kit is copied to the store before its
/// copy is verified, and lists are read into memory before they are; drafts and older versions are refused. A public key
/// is accepted only from root, which puts it there when the holder of the device has asked for it.
///
/// A spool of its own, `systems`, takes updates of the system: a large one must not delay a recall.
public struct Spool: Sendable {
  /// The spool of a device.
  public static let standard: Path = "/var/spool/firstword"

  /// The spool of a device for updates of its system.
  public static let systems: Path = "/var/spool/firstword/system"

  /// The spool's directory.
  public let directory: Path

  /// Creates a spool of this directory.
  public init(_ directory: some PathConvertible) { self.directory = Path(directory) }

  private enum Name {
    static let incoming = "in"
    static let results = "results.json"
    static let lock = "lock"
  }

  /// What a file is.
  public enum Kind: String, Sendable {
    /// A kit.
    case kit
    /// A recall list or a key rotation, with its signature.
    case list = "json"
    /// A public key that is to be trusted.
    case key = "pub"
    /// An update of the system.
    case system
  }

  /// What became of a file.
  public struct Result: Codable, Equatable, Sendable {
    /// How far it came.
    public enum Outcome: String, Codable, Sendable {
      /// It is being verified.
      case begun
      /// The store has it.
      case done
      /// It was refused: damaged, not trusted, recalled, older, or no such file.
      case refused
      /// The disk or the store failed.
      case failed
    }

    /// The name of the file in the spool.
    public var item: String
    /// How far it came.
    public var outcome: Outcome
    /// How often it was begun; it is given up after the third time.
    public var attempts: Int
    /// When, by the wall clock.
    public var time: WallTime
    /// What happened, for people; the file is called by its path in the spool.
    public var message: String
    /// The name of the kit's file in the store.
    public var kit: String?
  }

  private struct Document: Codable {
    static let format = "firstword-spool/1"

    var format = Self.format
    var results: [Result]
  }

  /// Results that are kept.
  private static let count = 50
  /// The maximum size of `results.json` in bytes.
  private static let limit = 4 << 20
  /// The maximum length of a message in characters.
  private static let messageLength = 1500
  /// The maximum size of a public key in bytes.
  public static let keyLimit = 4096
  /// How often a file is begun.
  private static let attempts = 3

  private func open(_ path: Path) throws(StoreError) -> Directory {
    do throws(SystemError) { return try Directory(openingItself: path) } catch { throw .spool(error) }
  }

  /// The path of a file that waits, as results name it.
  public func path(of item: String) -> String { directory.appending(Name.incoming).appending(item).string }

  /// Returns the results that are known, the latest last; none if nothing was taken yet.
  public func results() throws(StoreError) -> [Result] {
    let place = try open(directory)
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try place.read(Name.results, limit: Self.limit) } catch {
      if error.code == ENOENT { return [] }
      throw .system(error)
    }
    let file = directory.appending(Name.results).string
    do throws(DocumentError) {
      let document = try Documents.decode(Document.self, from: bytes)
      if document.format != Document.format { throw .format(document.format, expected: Document.format) }
      return document.results
    } catch { throw .invalid(path: file, error) }
  }

  // MARK: For members of the group

  /// Puts a file into the spool.
  ///
  /// - Returns: its name there, for `results()` and `withdraw(_:)`.
  public func submit(_ source: String, as kind: Kind) throws(StoreError) -> String {
    let place = try open(directory.appending(Name.incoming))
    let item = Self.newItem(kind)
    do throws(StoreError) {
      if kind == .list {
        if !Files.exists(SignedFile.signature(of: source)) { throw .signed(.unsigned(path: source)) }
        try put(SignedFile.signature(of: source), in: place, SignedFile.signature(of: item))
      }
      try put(source, in: place, item)
    } catch {
      withdraw(item)
      throw error
    }
    return item
  }

  /// Puts a file of a directory into the spool. Nothing is followed if it is a link.
  ///
  /// - Parameters:
  ///   - limit: the maximum size in bytes.
  /// - Returns: its name there, for `results()` and `withdraw(_:)`.
  public func submit(
    _ name: String, of source: borrowing Directory, as kind: Kind, limit: Int
  ) throws(StoreError) -> String {
    let place = try open(directory.appending(Name.incoming))
    let item = Self.newItem(kind)
    do throws(StoreError) {
      for name in kind == .list ? [SignedFile.signature(of: name), name] : [name] {
        let path = source.path.appending(name).string
        let file: FileDescriptor
        do throws(SystemError) { file = try source.open(name, O_RDONLY) } catch {
          if kind == .list, error.code == ENOENT { throw .signed(.unsigned(path: source.path.appending(name).string)) }
          throw .system(error)
        }
        let isSignature = kind == .list && name.hasSuffix(SignedFile.signature(of: ""))
        try put(
          file, path, in: place, isSignature ? SignedFile.signature(of: item) : item,
          limit: isSignature ? SignedDocument.signatureLimit : limit)
      }
    } catch {
      withdraw(item)
      throw error
    }
    return item
  }

  /// A name that nobody can foresee.
  private static func newItem(_ kind: Kind) -> String {
    let numbers = (0..<2).map { _ in UInt64.random(in: .min ... .max) }
    return "\(numbers.map { String($0, radix: 36) }.joined()).\(kind.rawValue)"
  }

  private func put(_ source: String, in place: borrowing Directory, _ name: String) throws(StoreError) {
    let file: FileDescriptor
    do throws(SystemError) { file = try FileDescriptor(opening: source, O_RDONLY | O_NONBLOCK) } catch {
      throw .system(error)
    }
    try put(file, source, in: place, name, limit: .max)
  }

  // Swift 6.0's optimizer crashes on such functions (CopyPropagation, with the borrowed directory).
  @_optimize(none)
  private func put(
    _ file: borrowing FileDescriptor, _ source: String, in place: borrowing Directory, _ name: String, limit: Int
  ) throws(StoreError) {
    let temporary = ".\(name).part"
    do throws(SystemError) {
      let size = try file.regularFileSize(path: source)
      if size > limit { throw SystemError("copy", path: source, code: EFBIG) }
      let free = try Files.free(at: place.path)
      // The store's copy needs as much again.
      let (needed, isTooLarge) = size.multipliedReportingOverflow(by: 2)
      if isTooLarge || needed > free - Store.margin { throw SystemError("copy", path: source, code: ENOSPC) }
      let copy = try place.create(temporary, mode: 0o640)
      try file.copy(size, to: copy, path: source)
      let raw = copy.raw
      try posix("fsync", path: place.path.appending(temporary)) { fsync(raw) }
      try place.commit(temporary, as: name)
    } catch {
      _ = try? place.remove(temporary)
      if error.isUnconfirmed { return }
      throw .system(error)
    }
  }

  /// Removes a file that was put into the spool by this account and is not taken yet.
  public func withdraw(_ item: String) {
    guard let place = try? open(directory.appending(Name.incoming)) else { return }
    for name in [item, SignedFile.signature(of: item)] { _ = try? place.remove(name) }
  }

  // MARK: For root

  /// Applies everything that waits to a store: keys first, then lists, then kits.
  ///
  /// Each file is removed when its result is recorded. A power cut leaves it in its place, and it is begun again.
  ///
  /// - Parameters:
  ///   - store: changes wait while another program changes it.
  ///   - inspect: gets each clip whose hash is right with its bytes, and returns what else is wrong with it.
  ///   - report: gets each result that is final.
  public func apply(
    to store: Store, inspect: (Clip, [UInt8]) -> String? = { _, _ in nil }, report: (Result) -> Void
  ) throws(StoreError) {
    let trusted = Set(((try? store.state())?.trustedForNew.keys ?? []).map(\.id))
    try process([.key, .list, .kit], trusted, report) { name, kind, place, result in
      take(name, kind, from: place, to: store, inspect, &result)
    }
  }

  /// Applies every update of the system that waits.
  ///
  /// - Parameters:
  ///   - install: gets each open file and its path, and the result to complete.
  ///   - report: gets each result that is final.
  public func applySystems(
    report: (Result) -> Void, install: (_ file: consuming FileDescriptor, _ path: String, inout Result) -> Void
  ) throws(StoreError) {
    try process([.system], [], report) { name, _, place, result in
      do throws(StoreError) { install(try entrusted(name, in: place), path(of: name), &result) } catch {
        (result.outcome, result.message) = (error.isRefusal ? .refused : .failed, "\(error)")
      }
    }
  }

  /// Takes every file of these kinds that waits, one after another.
  ///
  /// - Parameter trusted: the ids of the keys that the store accepts lists of.
  private func process(
    _ kinds: [Kind], _ trusted: Set<KeyID>, _ report: (Result) -> Void,
    _ take: (String, Kind, borrowing Directory, inout Result) -> Void
  ) throws(StoreError) {
    let home = try open(directory)
    let place = try open(directory.appending(Name.incoming))
    let lock: LockedFile
    let names: [String]
    do throws(SystemError) {
      lock = try LockedFile(
        home.open(Name.lock, O_RDWR | O_CREAT, mode: 0o600), path: directory.appending(Name.lock), waits: true)
      try place.removeUnnameable(hiding: Self.hiddenName)
      names = try place.list()
    } catch { throw .system(error) }
    defer { lock.free() }
    for kind in kinds {
      // As the service manager's pattern compares them: by their bytes.
      let ending = Array(".\(kind.rawValue)".utf8)
      var waiting = names.filter {
        $0.utf8.first != UInt8(ascii: ".") && $0.utf8.suffix(ending.count).elementsEqual(ending)
      }
      if kind == .list && waiting.count > 1 {
        waiting = SpoolOrder.names(of: waiting.map { order($0, in: place) }, trusted: trusted)
      }
      for name in waiting {
        let before = (try? results())?.last { $0.item == name }
        var result = Result(
          item: name, outcome: .begun, attempts: before?.outcome == .begun ? (before?.attempts ?? 0) + 1 : 1,
          time: .now,
          message: "being verified")
        if result.attempts > Self.attempts {
          (result.outcome, result.message) = (
            .refused, "\(path(of: name)): it ended this program \(Self.attempts) times"
          )
        } else {
          try record(result, in: home)
          take(name, kind, place, &result)
        }
        result.time = .now
        try record(result, in: home)
        try clear(name, in: place)
        report(result)
      }
    }
  }

  /// Applies one file.
  private func take(
    _ name: String, _ kind: Kind, from place: borrowing Directory, to store: Store,
    _ inspect: (Clip, [UInt8]) -> String?, _ result: inout Result
  ) {
    do throws(StoreError) {
      switch kind {
      case .system: break
      case .key:
        let key = try key(name, in: place)
        let isNew = try store.trust(key)
        result.message = "\(path(of: name)): \(key.id) \(isNew ? "is trusted from now on" : "was trusted already")"
      case .kit:
        let kit: KitFile
        let file = try entrusted(name, in: place)
        do throws(KitError) { kit = try KitFile(path: path(of: name), file: file) } catch { throw .kit(error) }
        let installed = try store.install(kit, Store.InstallOptions(), inspect: inspect)
        result.kit = installed.file
        result.message = "\(path(of: name)): \(installed.name) \(installed.version) is installed"
      case .list:
        let document = try document(name, in: place)
        switch document.format {
        case RecallList.format:
          let recalling = try store.recall(document)
          let others = recalling.unheeded.map { "; \($0.kind.rawValue) \($0.id) is another publisher's and still used" }
          result.message =
            "\(path(of: name)): \(recalling.list.entries.count) recalled, issue \(recalling.list.issue)"
            + others.joined()
        case KeyRotation.format:
          let rotation = try store.rotate(document)
          result.message = "\(path(of: name)): \(rotation.old) is followed by \(rotation.newKey?.id.description ?? "")"
        default:
          throw .signed(
            .content(path: path(of: name), DocumentError("format", "is neither a recall list's nor a key rotation's")))
        }
      }
      result.outcome = .done
    } catch {
      result.outcome = error.isRefusal ? .refused : .failed
      if case .unconfirmed = error { result.outcome = .done }
      result.message = "\(error)"
    }
  }

  /// Opens a file that waits.
  ///
  /// - Throws: an error for a link, for anything but a regular file, and for a file that has another name: it may be one
  ///   that its sender cannot read.
  private func entrusted(_ name: String, in place: borrowing Directory) throws(StoreError) -> FileDescriptor {
    do throws(SystemError) {
      let path = place.path.appending(name)
      let file = try place.open(name, O_RDONLY)
      _ = try file.regularFileSize(path: path)
      if try file.ownership(path: path).links != 1 { throw SystemError("take", path: path, code: EMLINK) }
      return file
    } catch { throw .unfit(error) }
  }

  private func bytes(_ name: String, in place: borrowing Directory, limit: Int) throws(StoreError) -> [UInt8] {
    let file = try entrusted(name, in: place)
    do throws(SystemError) {
      let size = try file.regularFileSize(path: path(of: name))
      guard size <= limit, let bytes = try file.read(size, at: 0) else {
        throw SystemError("read", path: path(of: name), code: EFBIG)
      }
      return bytes
    } catch { throw .unfit(error) }
  }

  /// Reads a public key.
  ///
  /// - Throws: `.foreignKey` for one that this account has not put there itself: any member of the group could have.
  private func key(_ name: String, in place: borrowing Directory) throws(StoreError) -> PublicKey {
    let file = try entrusted(name, in: place)
    let owner: FileOwnership
    do throws(SystemError) { owner = try file.ownership(path: path(of: name)) } catch { throw .unfit(error) }
    if !owner.isOwn { throw .foreignKey(path: path(of: name)) }
    let content = try bytes(name, in: place, limit: Self.keyLimit)
    return try mapError(StoreError.key, PublicKey(content: content, named: path(of: name)))
  }

  private func document(_ name: String, in place: borrowing Directory) throws(StoreError) -> SignedDocument {
    let text = try bytes(name, in: place, limit: SignedFile.limit)
    do throws(StoreError) {
      let signature = try bytes(SignedFile.signature(of: name), in: place, limit: SignedDocument.signatureLimit)
      return SignedDocument(path: path(of: name), bytes: text, signature: signature)
    } catch {
      if case .unfit(let cause) = error, cause.code == ENOENT { throw .signed(.unsigned(path: path(of: name))) }
      throw error
    }
  }

  /// Returns what decides when a list is applied.
  private func order(_ name: String, in place: borrowing Directory) -> SpoolOrder.Item {
    var item = SpoolOrder.Item(name: name)
    let signature = try? bytes(SignedFile.signature(of: name), in: place, limit: SignedDocument.signatureLimit)
    item.signer = signature.flatMap { try? Signature($0) }?.key
    let text = try? bytes(name, in: place, limit: SignedFile.limit)
    item.successor = text.flatMap { try? Documents.decode(KeyRotation.self, from: $0) }?.newKey?.id
    return item
  }

  /// Removes a file whose result is recorded, of whatever kind. A directory that is not empty is hidden.
  private func clear(_ item: String, in place: borrowing Directory) throws(StoreError) {
    // It waits for nobody if it cannot be removed.
    _ = try? place.remove(SignedFile.signature(of: item))
    do throws(SystemError) {
      guard try place.kind(of: item) == .directory else {
        try place.remove(item)
        return
      }
      do throws(SystemError) { try place.removeDirectory(item) } catch {
        try place.commit(item, as: Self.hiddenName)
      }
    } catch { if !error.isUnconfirmed { throw .system(error) } }
  }

  /// A name that nobody else has, and that waits for nothing.
  private static var hiddenName: String { ".refused-\(String(UInt64.random(in: .min ... .max), radix: 36))" }

  /// Replaces the result of a file.
  private func record(_ result: Result, in home: borrowing Directory) throws(StoreError) {
    var result = result
    result.message = String(result.message.prefix(Self.messageLength))
    // A damaged file is written anew.
    var all = (try? results()) ?? []
    all.removeAll { $0.item == result.item }
    all.append(result)
    let file = directory.appending(Name.results).string
    let bytes: [UInt8]
    do throws(DocumentError) { bytes = try Documents.encode(Document(results: all.suffix(Self.count))) } catch {
      throw .invalid(path: file, error)
    }
    do throws(SystemError) { try home.replace(Name.results, with: bytes) } catch {
      if !error.isUnconfirmed { throw .system(error) }
    }
  }
}
