import Glibc
import Posix

/// A kit's container: a ZIP file of one exact form, in which no byte can change unnoticed.
///
/// Entries are stored, begin at offset 0 and follow each other without a gap; after them come the central directory and
/// the end record. Every field is fixed, computed, or stored twice and compared. There are no extra fields, comments,
/// data descriptors, ZIP64 or encryption. `mimetype` comes first, the others are sorted by the bytes of their names.
/// (APPNOTE.TXT of PKWARE: 4.3.7 local header, 4.3.12 central header, 4.3.16 end record.)
///
/// The file is read with pread(2) instead of mapped: truncation while reading is an error and not a signal. Any thread
/// may use an archive.
public final class Archive: Sendable {
  /// A file in the container.
  public struct Entry: Equatable, Sendable {
    /// The name: letters, digits and `-._/`.
    public let name: String
    /// The position of the local header in the file.
    public let offset: Int
    /// The size of the content in bytes.
    public let size: Int
    /// The CRC-32 of the content.
    public let crc32: UInt32

    /// Creates an entry from its fields.
    package init(name: String, offset: Int, size: Int, crc32: UInt32) {
      (self.name, self.offset, self.size, self.crc32) = (name, offset, size, crc32)
    }
  }

  /// The path of the file.
  public let path: String
  /// The size of the file in bytes, when it was opened.
  public let size: Int
  /// The entries in the order of the file: `mimetype`, then sorted.
  public let entries: [Entry]
  /// The "version needed to extract" of all entries.
  private let needed: UInt16
  private let file: FileDescriptor
  /// Which file it is, whatever its path names by now.
  let identity: FileIdentity

  /// The maximum number of entries: 200 languages of 80 clips.
  public static let countLimit = 16_000
  /// The maximum length of a name in bytes.
  public static let nameLimit = 200
  /// The maximum size of a file without ZIP64, in bytes.
  public static let sizeLimit = 0xffff_fffe

  /// Opens a container and checks its form; reads no entry but `mimetype`.
  public convenience init(path: String) throws(KitError) {
    let failure = { (error: SystemError) in KitError(path, .system(error)) }
    try self.init(path: path, file: try mapError(failure, FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)))
  }

  /// Checks the form of an open container; reads no entry but `mimetype`.
  ///
  /// - Parameter path: the file's path, for errors.
  init(path: String, file: consuming FileDescriptor) throws(KitError) {
    let failure = { (error: SystemError) in KitError(path, .system(error)) }
    let size = try mapError(failure, file.regularFileSize(path: path))
    identity = try mapError(failure, file.identity(path: path))
    guard size >= ArchiveForm.end else { throw KitError(path, .form(size == 0 ? "it is empty" : "it is too short")) }
    if size > Self.sizeLimit { throw KitError(path, .tooLarge("it has \(size) bytes")) }
    let start = try Self.read(4, at: 0, of: file, path, nil)
    guard start.number(at: 0, 4) == ArchiveForm.localSignature else {
      throw KitError(path, .form("it does not begin as a ZIP file with entries does"))
    }
    let end = try Self.read(ArchiveForm.end, at: size - ArchiveForm.end, of: file, path, nil)
    let (count, directory) = try Self.directory(end, size: size, path: path)
    let headers = try Self.read(size - ArchiveForm.end - directory, at: directory, of: file, path, nil)
    let (entries, needed) = try Self.entries(headers, count: count, directory: directory, path: path)
    let type = try Self.checked(entries[0], needed, of: file, path, limit: 64)
    guard type.elementsEqual(KitLayout.mimetypeContent.utf8) else {
      throw KitError(path, KitLayout.mimetype, .form("it is another kind of file"))
    }
    self.path = path
    self.size = size
    self.entries = entries
    self.needed = needed
    self.file = file
  }

  /// The entry with this name. A binary search: all entries after `mimetype` are sorted, and strings of ASCII compare by
  /// their bytes.
  public subscript(name: String) -> Entry? {
    if name == KitLayout.mimetype { return entries[0] }
    var (low, high) = (1, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].name < name { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].name == name else { return nil }
    // An equal string may have other characters, in more bytes: the Kelvin sign is a K.
    return entries[low].name.utf8.count == name.utf8.count ? entries[low] : nil
  }

  /// Reads the content of an entry, and checks its local header and CRC-32.
  ///
  /// - Parameter limit: the maximum size in bytes.
  public func read(_ entry: Entry, limit: Int) throws(KitError) -> [UInt8] {
    try Self.checked(entry, needed, of: file, path, limit: limit)
  }

  /// Reads the content of an entry without checking the CRC-32, for callers that check a stronger hash.
  func readUnchecked(_ entry: Entry, limit: Int) throws(KitError) -> [UInt8] {
    try Self.content(entry, needed, of: file, path, limit: limit)
  }

  /// Copies the open file, byte for byte, whatever its path names by now. pread(2), write(2)
  ///
  /// - Throws: EIO if the file has shrunk since it was opened.
  func copy(to target: borrowing FileDescriptor) throws(SystemError) { try file.copy(size, to: target, path: path) }

  private static func checked(
    _ entry: Entry, _ needed: UInt16, of file: borrowing FileDescriptor, _ path: String, limit: Int
  ) throws(KitError) -> [UInt8] {
    let bytes = try content(entry, needed, of: file, path, limit: limit)
    guard Checksum.crc32(bytes) == entry.crc32 else {
      throw KitError(path, entry.name, .damaged("its content does not match its CRC-32"))
    }
    return bytes
  }

  private static func content(
    _ entry: Entry, _ needed: UInt16, of file: borrowing FileDescriptor, _ path: String, limit: Int
  ) throws(KitError) -> [UInt8] {
    if entry.size > limit {
      throw KitError(path, entry.name, .tooLarge("it has \(entry.size) bytes, \(limit) are allowed"))
    }
    let header = ArchiveForm.local(entry, needed: needed)
    guard try read(header.count, at: entry.offset, of: file, path, entry.name) == header else {
      throw KitError(path, entry.name, .form("its two headers differ"))
    }
    return try read(entry.size, at: entry.offset + header.count, of: file, path, entry.name)
  }

  /// Parses the end record: the number of entries, and the offset of the central directory.
  private static func directory(_ end: [UInt8], size: Int, path: String) throws(KitError) -> (Int, Int) {
    guard end.number(at: 0, 4) == ArchiveForm.endSignature else {
      throw KitError(path, .form("its end is missing, or something was appended"))
    }
    let (here, all) = (end.number(at: 8, 2), end.number(at: 10, 2))
    let (length, offset) = (end.number(at: 12, 4), end.number(at: 16, 4))
    guard end.number(at: 4, 4) == 0, here == all, all > 0, end.number(at: 20, 2) == 0,
      length + offset == size - ArchiveForm.end, length >= all * (ArchiveForm.central + 1)
    else { throw KitError(path, .form("its end record does not describe this file")) }
    if all > countLimit { throw KitError(path, .tooLarge("it has \(all) entries")) }
    guard length <= all * (ArchiveForm.central + nameLimit) else {
      throw KitError(path, .form("its directory is longer than its entries"))
    }
    return (all, offset)
  }

  /// Parses the central directory, whose entries must fill the file from offset 0 to the directory without a gap.
  private static func entries(
    _ headers: [UInt8], count: Int, directory: Int, path: String
  ) throws(KitError) -> ([Entry], UInt16) {
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    var (position, next) = (0, 0)
    let (maker, needed) = (headers.number(at: 4, 2), headers.number(at: 6, 2))
    guard ArchiveForm.makers.contains(maker), ArchiveForm.needs.contains(needed) else {
      throw KitError(path, .form("another program made it"))
    }
    var last = ""
    for number in 0..<count {
      guard position + ArchiveForm.central < headers.count else {
        throw KitError(path, .form("its directory ends before its entries do"))
      }
      let length = headers.number(at: position + 28, 2)
      let start = position + ArchiveForm.central
      guard length > 0, length <= nameLimit, start + length <= headers.count else {
        throw KitError(path, .form("entry \(number + 1) has a name of \(length) bytes"))
      }
      let bytes = headers[start..<start + length]
      guard ArchiveForm.isName(bytes) else { throw KitError(path, .form("entry \(number + 1) has a forbidden name")) }
      let name = String(decoding: bytes, as: UTF8.self)
      let entry = Entry(
        name: name, offset: next, size: headers.number(at: position + 24, 4),
        crc32: UInt32(headers.number(at: position + 16, 4)))
      // One comparison checks all fields: name, size, CRC and offset determine the whole header.
      guard headers[position..<start + length].elementsEqual(ArchiveForm.central(entry, maker: maker, needed: needed))
      else {
        throw KitError(path, name, .form("its header has a wrong field or offset"))
      }
      guard number == 0 ? name == KitLayout.mimetype : name != KitLayout.mimetype else {
        throw KitError(path, name, .form("\(KitLayout.mimetype) must be the first entry, once"))
      }
      if number > 1, last >= name {
        throw KitError(path, name, .form("its entries are not sorted, or one appears twice"))
      }
      last = name
      entries.append(entry)
      position = start + length
      next += ArchiveForm.local + length + entry.size
      // No entry may reach into the directory, so no size can demand more memory than the file has bytes.
      guard next <= directory else { throw KitError(path, name, .form("it overlaps the directory")) }
    }
    guard position == headers.count, next == directory else {
      throw KitError(path, .form("there is something between its entries and its end"))
    }
    return (entries, UInt16(needed))
  }

  private static func read(
    _ count: Int, at offset: Int, of file: borrowing FileDescriptor, _ path: String, _ entry: String?
  ) throws(KitError) -> [UInt8] {
    let failure = { (error: SystemError) in KitError(path, entry, .system(error.at(path))) }
    guard let bytes = try mapError(failure, file.read(count, at: offset)) else {
      throw KitError(path, entry, .form("it ends too early"))
    }
    return bytes
  }
}
