import Encoding
import Kit
import Posix

/// Rebuilds a kit of a server from the kits on a device and the few clips that they lack, byte for byte.
public enum KitDelta {
  /// How a rebuilding ended.
  public enum Result: Equatable, Sendable {
    /// The file has the SHA-256 that was asked for.
    case rebuilt(requests: Int, bytes: Int)
    /// Fetch the whole file, for this reason; the file that was begun is worth nothing.
    case needsWhole(String)
  }

  /// Rebuilds a kit.
  ///
  /// - Parameters:
  ///   - size: the size of the kit in bytes, from the channel's metadata.
  ///   - sha256: its SHA-256 in lower-case hexadecimal, from there too.
  ///   - source: the kit on the server.
  ///   - kits: the kits on the device. One that is damaged cannot do harm: the whole file is fetched.
  ///   - file: an empty file, open for writing; the caller syncs it.
  ///   - requestLimit: the maximum number of requests.
  /// - Throws: the source's error, or `SystemError` if the file cannot be written.
  public static func rebuild(
    size: Int, sha256: String, from source: inout some RangedSource, using kits: [KitFile],
    into file: borrowing FileDescriptor, requestLimit: Int = DeltaPlanner.requestLimit
  ) throws -> Result {
    let inventory: KitInventory
    do { inventory = try KitInventory(kits) } catch { return .needsWhole("\(error)") }
    var planner = DeltaPlanner(size: size, inventory: inventory, requestLimit: requestLimit)
    while case .fetch(let range) = planner.step {
      guard let bytes = try source.read(range) else { return .needsWhole("the source gives whole files only") }
      planner.receive(bytes)
    }
    switch planner.step {
    case .fetch: return .needsWhole("it did not end")
    case .takeWhole(let why): return .needsWhole(why)
    case .assemble(let recipe):
      var assembly = Assembly(recipe: recipe, inventory: inventory)
      if let why = try assembly.write(from: &source, into: file) { return .needsWhole(why) }
      guard assembly.size == size, assembly.sha256 == sha256 else {
        return .needsWhole("what was rebuilt is another file")
      }
      return .rebuilt(
        requests: planner.requests + recipe.ranges.count, bytes: planner.received + recipe.fetchSize)
    }
  }
}

/// Writes a file after a recipe.
private struct Assembly {
  let recipe: DeltaRecipe
  let inventory: KitInventory
  private var digest = RunningDigest()
  private(set) var size = 0
  /// The range in memory, and the number of the next.
  private var part: (start: Int, bytes: [UInt8]) = (0, [])
  private var nextRange = 0

  init(recipe: DeltaRecipe, inventory: KitInventory) {
    self.recipe = recipe
    self.inventory = inventory
  }

  var sha256: String { digest.hexadecimal }

  /// Writes all entries, the directory and the end record.
  ///
  /// - Returns: the reason why the whole file is needed, if it is.
  mutating func write(
    from source: inout some RangedSource, into file: borrowing FileDescriptor
  ) throws -> String? {
    var directory: [UInt8] = []
    for item in recipe.items {
      let content: [UInt8]
      switch item.source {
      case .known(let bytes): content = bytes
      case .local(let place):
        do { content = try inventory.kits[place.kit].bytes(of: place.clip) } catch { return "\(error)" }
      case .fetched(let sha256):
        if item.offset >= part.start + part.bytes.count {
          let range = recipe.ranges[nextRange]
          nextRange += 1
          guard let bytes = try source.read(range) else { return "the source gives whole files only" }
          if bytes.count != range.count { return "the source gave \(bytes.count) bytes of \(range.count)" }
          part = (range.lowerBound, bytes)
        }
        let end = item.end - part.start
        content = Array(part.bytes[end - item.size..<end])
        if Digest.sha256(content) != sha256 { return "\(item.name) is another one on the server" }
      }
      let entry = Archive.Entry(
        name: item.name, offset: item.offset, size: item.size, crc32: Checksum.crc32(content))
      try put(ArchiveForm.local(entry, needed: UInt16(recipe.needed)) + content, into: file)
      directory += ArchiveForm.central(entry, maker: recipe.maker, needed: recipe.needed)
    }
    let end = ArchiveForm.end(count: recipe.items.count, directory: recipe.directory, length: directory.count)
    try put(directory + end, into: file)
    return nil
  }

  private mutating func put(_ bytes: [UInt8], into file: borrowing FileDescriptor) throws(SystemError) {
    try file.write(bytes)
    bytes.withUnsafeBytes { digest.add($0) }
    size += bytes.count
  }
}
