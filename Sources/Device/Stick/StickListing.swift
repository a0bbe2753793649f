import Encoding
import Kit
import Posix
import Store

/// The files of a stick that may be opened. Every other file stays closed, whatever its name.
///
/// They are the plain files with known endings of the root directory, and of its directory `firstword`. A recall list or
/// a key rotation counts only with its signature beside it.
public struct StickListing: Equatable, Sendable {
  /// A file that may be opened.
  public struct Item: Equatable, Sendable {
    /// The directory of the root that has it; nil for the root itself.
    public var folder: String?
    /// Its name.
    public var name: String
    /// What its name says that it is.
    public var kind: Spool.Kind

    /// The path on the stick, for people.
    public var path: String { folder.map { "\($0)/\(name)" } ?? name }
  }

  /// The files, sorted by directory and name.
  public private(set) var items: [Item] = []
  /// Whether there were more entries, or more files with known endings, than are examined.
  public private(set) var isCut = false

  /// The name of the directory, in any case of its letters.
  public static let folder = "firstword"
  /// The maximum number of entries of a directory that are examined.
  static let entries = 200_000
  /// The maximum number of files of all kinds that are opened.
  static let files = 128

  /// Returns what a name says about a file; nil for a name of no known form.
  public static func kind(of name: String) -> Spool.Kind? {
    // A dot begins the names of files that macOS adds to each file: `._shelter.kit`.
    guard (1...200).contains(name.utf8.count), name.utf8.first != UInt8(ascii: "."), Text.isPlain(name),
      !name.unicodeScalars.contains("\u{FFFD}"), let dot = name.lastIndex(of: ".")
    else { return nil }
    return Spool.Kind(rawValue: name[name.index(after: dot)...].lowercased())
  }

  /// Examines the directories of a stick; opens no file.
  public init(_ root: borrowing Directory) throws(SystemError) {
    var folders: [String] = []
    try add(root, folder: nil, folders: &folders)
    folders.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for name in folders {
      guard try root.kind(of: name) == .directory else { continue }
      var none: [String] = []
      try add(try root.directory(name), folder: name, folders: &none)
    }
  }

  private mutating func add(
    _ place: borrowing Directory, folder: String?, folders: inout [String]
  ) throws(SystemError) {
    var found: [String: Spool.Kind] = [:]
    var signatures: Set<String> = []
    var more = false
    let ending = SignedFile.signature(of: "")
    let isWhole = try place.visit(atMost: Self.entries) { name in
      if folder == nil, name.lowercased() == Self.folder, folders.count < 8 { folders.append(name) }
      if name.hasSuffix(ending) {
        if signatures.count < Self.files { signatures.insert(String(name.dropLast(ending.count))) }
      } else if let kind = Self.kind(of: name) {
        if found.count < Self.files { found[name] = kind } else { more = true }
      }
    }
    if !isWhole || more { isCut = true }
    for (name, kind) in found.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      guard try place.kind(of: name) == .file else { continue }
      if kind == .list {
        guard signatures.contains(name), try place.kind(of: SignedFile.signature(of: name)) == .file else { continue }
      }
      if items.count < Self.files { items.append(Item(folder: folder, name: name, kind: kind)) } else { isCut = true }
    }
  }
}
