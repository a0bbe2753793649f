import Glibc
import Posix

/// A kit's container: a ZIP file of one exact form, so that no bit of it can differ unseen.
///
/// Entries are stored, begin at offset 0 and follow each other without a gap; behind them the central directory, the
/// end record, and nothing more. Every field is either fixed, or counted, or said twice and compared. No extra fields,
/// comments, data descriptors, ZIP64 or encryption. `mimetype` comes first, the others are sorted by the bytes of their
/// names. (APPNOTE.TXT of PKWARE: 4.3.7 local header, 4.3.12 central header, 4.3.16 end record.)
///
/// Read by pread(2) and never mapped: a file that shrinks while it is read is an error and no signal.
public final class Archive: Sendable {
  public struct Entry: Equatable, Sendable {
    public let name: String
    /// Of the local header, from the start of the file.
    public let offset: Int
    /// Of the content.
    public let size: Int
    public let crc32: UInt32
  }

  public let path: String
  /// In the order of the file: `mimetype`, then sorted.
  public let entries: [Entry]
  /// What all entries say they need to be unpacked.
  private let needed: UInt16
  private let file: FileDescriptor

  /// Entries that a container may have: 200 languages of 80 clips.
  public static let countLimit = 16_000
  public static let nameLimit = 200
  /// The greatest size of a file without ZIP64.
  public static let sizeLimit = 0xffff_fffe

  /// Reads the central directory and checks the form; of the entries only `mimetype` is read.
  public init(path: String) throws(KitError) {
    let file = try Self.open(path)
    let size = try Self.size(of: file, path)
    guard size >= Form.end else { throw KitError(path, .form(size == 0 ? "it is empty" : "it is too short")) }
    if size > Self.sizeLimit { throw KitError(path, .tooLarge("it has \(size) bytes")) }
    let start = try Self.read(4, at: 0, of: file, path, nil)
    guard start.number(at: 0, 4) == Form.localSignature else {
      throw KitError(path, .form("it does not begin as a ZIP file with entries does"))
    }
    let end = try Self.read(Form.end, at: size - Form.end, of: file, path, nil)
    let (count, directory) = try Self.directory(end, size: size, path: path)
    let headers = try Self.read(size - Form.end - directory, at: directory, of: file, path, nil)
    let (entries, needed) = try Self.entries(headers, count: count, directory: directory, path: path)
    let type = try Self.checked(entries[0], needed, of: file, path, limit: 64)
    guard type.elementsEqual(KitLayout.mimetypeContent.utf8) else {
      throw KitError(path, KitLayout.mimetype, .form("it is another kind of file"))
    }
    self.path = path
    self.entries = entries
    self.needed = needed
    self.file = file
  }

  /// The entry of this name, found by halving: those behind `mimetype` are sorted.
  public subscript(name: String) -> Entry? {
    if name == KitLayout.mimetype { return entries[0] }
    var (low, high) = (1, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].name.utf8.lexicographicallyPrecedes(name.utf8) { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].name == name ? entries[low] : nil
  }

  /// The content of an entry, its local header compared and its CRC-32 checked; of at most `limit` bytes.
  public func read(_ entry: Entry, limit: Int) throws(KitError) -> [UInt8] {
    try Self.checked(entry, needed, of: file, path, limit: limit)
  }

  /// As `read`, but without the CRC-32: for who checks a stronger hash.
  func readUnchecked(_ entry: Entry, limit: Int) throws(KitError) -> [UInt8] {
    try Self.content(entry, needed, of: file, path, limit: limit)
  }

  private static func checked(
    _ entry: Entry, _ needed: UInt16, of file: borrowing FileDescriptor, _ path: String, limit: Int
  ) throws(KitError) -> [UInt8] {
    let bytes = try content(entry, needed, of: file, path, limit: limit)
    guard Checksum.crc32(bytes) == entry.crc32 else {
      throw KitError(path, entry.name, .damaged("its content does not have the checksum it should"))
    }
    return bytes
  }

  private static func content(
    _ entry: Entry, _ needed: UInt16, of file: borrowing FileDescriptor, _ path: String, limit: Int
  ) throws(KitError) -> [UInt8] {
    if entry.size > limit {
      throw KitError(path, entry.name, .tooLarge("it has \(entry.size) bytes, \(limit) are allowed"))
    }
    let header = Form.local(entry, needed: needed)
    guard try read(header.count, at: entry.offset, of: file, path, entry.name) == header else {
      throw KitError(path, entry.name, .form("its two headers do not agree"))
    }
    return try read(entry.size, at: entry.offset + header.count, of: file, path, entry.name)
  }

  /// The number of entries and where the central directory begins.
  private static func directory(_ end: [UInt8], size: Int, path: String) throws(KitError) -> (Int, Int) {
    guard end.number(at: 0, 4) == Form.endSignature else {
      throw KitError(path, .form("its end is missing, or something was appended"))
    }
    let (here, all) = (end.number(at: 8, 2), end.number(at: 10, 2))
    let (length, offset) = (end.number(at: 12, 4), end.number(at: 16, 4))
    guard end.number(at: 4, 4) == 0, here == all, all > 0, end.number(at: 20, 2) == 0,
      length + offset == size - Form.end, length >= all * (Form.central + 1)
    else { throw KitError(path, .form("its end record does not describe this file")) }
    if all > countLimit { throw KitError(path, .tooLarge("it has \(all) entries")) }
    guard length <= all * (Form.central + nameLimit) else {
      throw KitError(path, .form("its directory is longer than its entries"))
    }
    return (all, offset)
  }

  /// The central directory, which must lead from offset 0 to its own beginning without a gap.
  private static func entries(
    _ headers: [UInt8], count: Int, directory: Int, path: String
  ) throws(KitError) -> ([Entry], UInt16) {
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    var (position, next) = (0, 0)
    let (maker, needed) = (headers.number(at: 4, 2), headers.number(at: 6, 2))
    guard Form.makers.contains(maker), Form.needs.contains(needed) else {
      throw KitError(path, .form("another program made it"))
    }
    var last = ArraySlice<UInt8>()
    for number in 0..<count {
      guard position + Form.central < headers.count else {
        throw KitError(path, .form("its directory ends before its entries do"))
      }
      let length = headers.number(at: position + 28, 2)
      let start = position + Form.central
      guard length > 0, length <= nameLimit, start + length <= headers.count else {
        throw KitError(path, .form("entry \(number + 1) has a name of \(length) bytes"))
      }
      let bytes = headers[start..<start + length]
      guard Form.isName(bytes) else { throw KitError(path, .form("entry \(number + 1) has a forbidden name")) }
      let name = String(decoding: bytes, as: UTF8.self)
      let entry = Entry(
        name: name, offset: next, size: headers.number(at: position + 24, 4),
        crc32: UInt32(headers.number(at: position + 16, 4)))
      // One comparison of all fields: the header is what it must be for this name, size, CRC and place, or it is not.
      guard headers[position..<start + length].elementsEqual(Form.central(entry, maker: maker, needed: needed)) else {
        throw KitError(path, name, .form("its header has a field that a kit does not have, or lies elsewhere"))
      }
      guard number == 0 ? name == KitLayout.mimetype : name != KitLayout.mimetype else {
        throw KitError(path, name, .form("\(KitLayout.mimetype) must be the first entry, once"))
      }
      if number > 1, !last.lexicographicallyPrecedes(bytes) {
        throw KitError(path, name, .form("its entries are not sorted, or one is there twice"))
      }
      last = bytes
      entries.append(entry)
      position = start + length
      next += Form.local + length + entry.size
      // No entry may reach into the directory; so no size can ask for more memory than the file has bytes.
      guard next <= directory else { throw KitError(path, name, .form("it reaches into what follows it")) }
    }
    guard position == headers.count, next == directory else {
      throw KitError(path, .form("there is something between its entries and its end"))
    }
    return (entries, UInt16(needed))
  }

  private static func open(_ path: String) throws(KitError) -> FileDescriptor {
    do throws(SystemError) { return try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK) } catch {
      throw KitError(path, .system(error))
    }
  }

  private static func size(of file: borrowing FileDescriptor, _ path: String) throws(KitError) -> Int {
    do throws(SystemError) { return try file.regularFileSize(path: path) } catch {
      throw KitError(path, .system(error))
    }
  }

  private static func read(
    _ count: Int, at offset: Int, of file: borrowing FileDescriptor, _ path: String, _ entry: String?
  ) throws(KitError) -> [UInt8] {
    do throws(SystemError) {
      if let bytes = try file.read(count, at: offset) { return bytes }
    } catch { throw KitError(path, entry, .system(SystemError(error.operation, path: path, code: error.code))) }
    throw KitError(path, entry, .form("it ends too early"))
  }
}

/// The one form that each header has.
private enum Form {
  static let local = 30
  static let central = 46
  static let end = 22
  static let localSignature = 0x0403_4b50
  static let centralSignature = 0x0201_4b50
  static let endSignature = 0x0605_4b50

  /// libzip says "Unix, version 6.3", since 1.4; 4.5 is what it would be with ZIP64 as the newest feature.
  static let makers: Set<Int> = [0x033f, 0x032d]
  /// 1.0 for stored entries; 2.0 as most other programs say.
  static let needs: Set<Int> = [10, 20]
  /// 1980-01-01, the first day that a ZIP file knows, at 00:00.
  static let date = 0x21
  /// A regular file, rw-r--r--, in the upper half.
  static let attributes = 0o100644 << 16

  /// Letters, digits, `-._/`; no empty part, none of dots only.
  static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "/"):
        continue
      default: return false
      }
    }
    return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy {
      $0.contains { $0 != UInt8(ascii: ".") }
    }
  }

  /// 4.3.7: signature, version needed, flags, method, time, date, CRC, two sizes, two lengths, name.
  static func local(_ entry: Archive.Entry, needed: UInt16) -> [UInt8] {
    var header: [UInt8] = []
    header.reserveCapacity(local + entry.name.utf8.count)
    header.append(localSignature, 4)
    header.append(Int(needed), 2)
    common(entry, &header)
    header += entry.name.utf8
    return header
  }

  /// 4.3.12: signature, made by, as the local header, comment, disk, attributes inside and outside, offset, name.
  static func central(_ entry: Archive.Entry, maker: Int, needed: Int) -> [UInt8] {
    var header: [UInt8] = []
    header.reserveCapacity(central + entry.name.utf8.count)
    header.append(centralSignature, 4)
    header.append(maker, 2)
    header.append(needed, 2)
    common(entry, &header)
    header.append(0, 2)
    header.append(0, 2)
    header.append(0, 2)
    header.append(attributes, 4)
    header.append(entry.offset, 4)
    header += entry.name.utf8
    return header
  }

  private static func common(_ entry: Archive.Entry, _ header: inout [UInt8]) {
    header.append(0, 2)
    header.append(0, 2)
    header.append(0, 2)
    header.append(date, 2)
    header.append(Int(entry.crc32), 4)
    header.append(entry.size, 4)
    header.append(entry.size, 4)
    header.append(entry.name.utf8.count, 2)
    header.append(0, 2)
  }
}

extension [UInt8] {
  /// A number of two or four bytes, least first.
  fileprivate func number(at offset: Int, _ width: Int) -> Int {
    var value = 0
    for step in 0..<width { value |= Int(self[offset + step]) << (8 * step) }
    return value
  }

  fileprivate mutating func append(_ value: Int, _ width: Int) {
    for step in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * step))) }
  }
}
