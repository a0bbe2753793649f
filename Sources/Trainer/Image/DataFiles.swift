import Diagnostics
import Encoding
import Glibc
import Kit
import Posix
import Store

/// The files of a card's data partition, prepared in a temporary directory under the same names.
struct DataFiles: Sendable {
  /// An entry of the partition.
  struct Entry: Equatable, Sendable {
    /// Its path on the partition, from its root: `/store/store.json`. Letters, digits, `-`, `.`, `_` and `+` only.
    var path: String
    /// Its size in bytes; nil for a directory.
    var size: Int?
    /// Its permissions.
    var mode: Int
  }

  /// The temporary directory.
  let directory: Path
  /// The entries: directories before what lies in them.
  let entries: [Entry]

  /// The directories that every base image has.
  static let given = ["/etc", "/store"]

  /// Prepares the files of a card. The store's own writer makes the store, as on a device.
  ///
  /// - Parameters:
  ///   - directory: an empty directory.
  ///   - progress: gets the number of clips verified and of all.
  init(
    _ plan: CardPlan, record: CardRecord, in directory: Path, progress: (_ done: Int, _ all: Int) -> Void
  ) throws(ImageError) {
    self.directory = directory
    let store = Store(directory.appending("store"))
    var options = Store.InstallOptions()
    options.allowDraft = plan.settings.allowsDraft
    do throws(StoreError) {
      for key in plan.keys { try store.trust(key) }
      try store.install(plan.kit.path, options, inspect: ClipInspection.fault, progress: progress)
    } catch {
      if case .system(let error) = error { throw .system(error) }
      throw .refused([Diagnostic(path: plan.kit.path, message: "\(error)", remedy: nil)])
    }
    var entries = [Entry(path: "/store/kits", size: nil, mode: 0o755)]
    do throws(SystemError) {
      try Files.makeDirectory(directory.appending("etc"))
      let settings = try Self.settings(plan, record).map { (name: $0.name, content: $0.content, mode: 0o644) }
      for (name, content, mode) in settings + (try plan.channel?.files() ?? []) {
        try Files.replace(directory.appending("etc/\(name)"), with: content)
        entries.append(Entry(path: "/etc/\(name)", size: content.count, mode: mode))
      }
      // The lock of the store is made by the first writer on the device.
      for name in ["store/store.json", "store/store.json.old"] where Files.exists(directory.appending(name)) {
        entries.append(try Self.file(name, in: directory))
      }
      for name in try Files.list(directory.appending("store/kits")) {
        entries.append(try Self.file("store/kits/\(name)", in: directory))
      }
    } catch { throw .system(error) }
    self.entries = entries
  }

  /// Returns the files of `/etc/firstword`.
  private static func settings(
    _ plan: CardPlan, _ record: CardRecord
  ) throws(SystemError) -> [(name: String, content: [UInt8])] {
    var files = [(name: "board.json", content: plan.boardJSON)]
    guard let json = try? Documents.encode(record) else { throw SystemError("encode", path: "card.json", code: EINVAL) }
    files.append((name: "card.json", content: json))
    if plan.kit.manifest.draft {
      files.append((name: "daemon.env", content: Array("FIRSTWORDD_OPTIONS=--allow-draft\n".utf8)))
    }
    if let serial = plan.settings.serial { files.append((name: "serial", content: Array("\(serial)\n".utf8))) }
    return files
  }

  private static func file(_ name: String, in directory: Path) throws(SystemError) -> Entry {
    let path = directory.appending(name)
    let file = try FileDescriptor(opening: path, O_RDONLY)
    return Entry(path: "/\(name)", size: try file.regularFileSize(path: path), mode: 0o644)
  }

  /// Returns the SHA-256 of a prepared file.
  func hash(of entry: Entry) throws(ImageError) -> String { try Self.hash(directory.appending(local(entry))) }

  /// Returns the name of an entry in the temporary directory.
  func local(_ entry: Entry) -> String { String(entry.path.dropFirst()) }

  /// Returns the SHA-256 of a file.
  static func hash(_ path: Path) throws(ImageError) -> String {
    let file = try mapError(ImageError.system, FileDescriptor(opening: path, O_RDONLY))
    let size = try mapError(ImageError.system, file.regularFileSize(path: path))
    return try SparseFile.sha256(file, path.string, from: 0, count: size) { _ throws(ImageError) in }
  }
}
