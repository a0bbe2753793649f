import Kit

/// How a kit is put together: its entries in order, each with its source, and the ranges that must be fetched.
public struct DeltaRecipe: Sendable {
  /// The source of an entry's content.
  enum Source: Sendable {
    /// In memory.
    case known([UInt8])
    /// A clip of a kit on the device.
    case local(KitInventory.Source)
    /// In one of `ranges`; a clip with this SHA-256.
    case fetched(sha256: String)
  }

  /// An entry of the kit.
  struct Item: Sendable {
    /// The name of the entry.
    let name: String
    /// The size of its content in bytes.
    let size: Int
    /// The position of its local header.
    let offset: Int
    /// Where its content comes from.
    let source: Source

    /// The position after the entry.
    var end: Int { offset + ArchiveForm.local + name.utf8.count + size }

    /// Whether it must be fetched.
    var isFetched: Bool { if case .fetched = source { true } else { false } }
  }

  /// The entries in the order of the file.
  let items: [Item]
  /// The bytes to fetch: whole entries, in order, apart from each other.
  public let ranges: [Range<Int>]
  /// The position of the central directory.
  let directory: Int
  /// "Version made by" and "version needed to extract" of the entries.
  let maker: Int
  let needed: Int

  /// The bytes to fetch.
  public var fetchSize: Int { ranges.reduce(0) { $0 + $1.count } }
  /// The clips that come from kits on the device.
  public var localClips: Int { items.reduce(0) { if case .local = $1.source { $0 + 1 } else { $0 } } }

  /// The largest range in bytes, if it has more than one entry: it is held in memory.
  static let rangeLimit = 4 << 20
  /// A gap of as many bytes costs less than a request.
  static let gapLimit = 16 << 10

  /// Returns ranges that cover all fetched entries.
  ///
  /// - Parameter limit: the maximum number of ranges, but for those that are split because of `rangeLimit`.
  static func ranges(of items: [Item], limit: Int) -> [Range<Int>] {
    let missing = items.filter(\.isFetched)
    guard let first = missing.first else { return [] }
    // Few ranges: the widest gaps separate them, and narrow ones never do.
    let gaps = zip(missing, missing.dropFirst()).map { $1.offset - $0.end }
    let widest = gaps.indices.filter { gaps[$0] > gapLimit }.sorted { gaps[$0] > gaps[$1] }.prefix(max(0, limit - 1))
    let breaks = Set(widest)
    var ranges = [first.offset..<first.end]
    for (index, item) in missing.dropFirst().enumerated() {
      let last = ranges[ranges.count - 1]
      if breaks.contains(index) || item.end - last.lowerBound > rangeLimit {
        ranges.append(item.offset..<item.end)
      } else {
        ranges[ranges.count - 1] = last.lowerBound..<item.end
      }
    }
    return ranges
  }
}
