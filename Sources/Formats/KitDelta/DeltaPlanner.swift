import Encoding
import Kit

/// Finds out how a kit on a server differs from the kits on a device, from few bytes of it. A pure state machine: it asks
/// for ranges, gets bytes, and ends with a recipe or with the reason to fetch the whole file.
///
/// `kit.json` stands at the beginning of a kit and names the hash of each bundle's manifest. Manifests that are not on
/// the device follow one by one: all before them has a known size. The names and sizes of all entries follow from the
/// manifests, and so the whole layout; the directory is not fetched.
///
/// Nothing of it is trusted: sizes are bounded by the file's, the number of requests by `requestLimit`, and the file that
/// is rebuilt must have the SHA-256 that the channel's metadata says.
public struct DeltaPlanner: Sendable {
  /// What to do next.
  public enum Step: Sendable {
    /// Read these bytes and hand them to `receive`.
    case fetch(Range<Int>)
    /// Build the file.
    case assemble(DeltaRecipe)
    /// Fetch the whole file, for this reason.
    case takeWhole(String)
  }

  /// The next step.
  public private(set) var step: Step
  /// The requests so far.
  public private(set) var requests = 0
  /// The bytes received so far.
  public private(set) var received = 0

  private let size: Int
  private let inventory: KitInventory
  private let requestLimit: Int
  /// The bytes received from `windowStart` on.
  private var window: [UInt8] = []
  private var windowStart = 0
  private var items: [DeltaRecipe.Item] = []
  /// The claims of `kit.json`, in the order of the file; nil until it is read.
  private var bundles: [BundleEntry]?
  private var nextBundle = 0
  /// The position where what is read now ends, as the kits on the device suggest.
  private var estimate = 0

  /// The maximum number of requests in all, where no other is given.
  public static let requestLimit = 64
  /// Bytes that are fetched beyond an estimate, for what has grown.
  private static let slack = 1024
  /// The maximum size of a manifest in bytes.
  private static let documentLimit = 4 << 20

  private enum Obstacle: Error {
    /// The window must reach to this position.
    case needs(Int)
    /// The whole file is needed.
    case whole(String)
  }

  /// Begins.
  ///
  /// - Parameters:
  ///   - size: the size of the file in bytes, from the channel's metadata.
  ///   - inventory: the kits on the device.
  ///   - requestLimit: the maximum number of requests in all.
  public init(size: Int, inventory: KitInventory, requestLimit: Int = Self.requestLimit) {
    (self.size, self.inventory, self.requestLimit) = (size, inventory, requestLimit)
    if inventory.kits.isEmpty {
      step = .takeWhole("there is no kit on this device")
    } else {
      step = .fetch(0..<min(max(0, size), inventory.headSize + Self.slack))
    }
  }

  /// Takes the bytes of the range that `step` asked for.
  public mutating func receive(_ bytes: [UInt8]) {
    guard case .fetch(let range) = step else { return }
    requests += 1
    received += bytes.count
    window += bytes
    do throws(Obstacle) {
      if bytes.count != range.count { throw .whole("the source gave \(bytes.count) bytes of \(range.count)") }
      try advance()
    } catch {
      switch error {
      case .whole(let why): step = .takeWhole(why)
      case .needs(let needed):
        let start = windowStart + window.count
        let end = min(size, max(needed, estimate > start ? estimate : start + Self.slack))
        if needed > size {
          step = .takeWhole("its entries reach beyond its end")
        } else if requests >= requestLimit {
          step = .takeWhole("it differs in too many places")
        } else if received + end - start > size / 2 {
          step = .takeWhole("most of it is new")
        } else {
          step = .fetch(start..<end)
        }
      }
    }
  }

  private mutating func advance() throws(Obstacle) {
    if bundles == nil { try readHead() }
    while let claims = bundles, nextBundle < claims.count {
      try readBundle(claims[nextBundle])
      nextBundle += 1
    }
    try finish()
  }

  // MARK: - The steps

  private mutating func readHead() throws(Obstacle) {
    let mimetype = try entry(at: 0)
    guard mimetype.name == KitLayout.mimetype, mimetype.content.elementsEqual(KitLayout.mimetypeContent.utf8) else {
      throw .whole("it does not begin as a kit does")
    }
    let (head, text) = try document(KitLayout.manifest, at: mimetype.end)
    let manifest: KitManifest
    do throws(DocumentError) {
      manifest = try Documents.decode(KitManifest.self, from: text)
      try manifest.validate()
    } catch { throw .whole("\(KitLayout.manifest): \(error)") }
    items = [mimetype.item] + head
    // All entries of a language follow each other: their names have one beginning.
    bundles = manifest.bundles.sorted {
      "languages/\($0.tag)/".utf8.lexicographicallyPrecedes("languages/\($1.tag)/".utf8)
    }
  }

  private mutating func readBundle(_ claim: BundleEntry) throws(Obstacle) {
    let start = items.last?.end ?? 0
    let text: [UInt8]
    var names: [(name: String, size: Int, source: DeltaRecipe.Source)] = []
    if let known = inventory.documents[claim.sha256], known.name == claim.manifest {
      text = known.entries[0].content
      names = known.entries.map { ($0.name, $0.content.count, .known($0.content)) }
    } else {
      if start < windowStart || start > windowStart + window.count {
        (windowStart, window) = (start, [])
      }
      estimate = start + (inventory.sizes[claim.manifest] ?? 32 << 10) + Self.slack
      let (found, content) = try document(claim.manifest, at: start)
      guard Digest.sha256(content) == claim.sha256 else { throw .whole("\(claim.manifest) is another one") }
      text = content
      names = found.map { ($0.name, $0.size, $0.source) }
    }
    let bundle: BundleManifest
    do throws(DocumentError) {
      bundle = try Documents.decode(BundleManifest.self, from: text)
      if bundle.tag != claim.tag { throw DocumentError("tag", "is not \(claim.tag)") }
      try bundle.validate()
    } catch { throw .whole("\(claim.manifest): \(error)") }
    for clip in bundle.clips {
      let own = inventory.clips[clip.sha256].flatMap { $0.clip.bytes == clip.bytes ? $0 : nil }
      names.append((clip.file, clip.bytes, own.map { .local($0) } ?? .fetched(sha256: clip.sha256)))
    }
    let first = names[0].name
    names.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    guard names[0].name == first else { throw .whole("\(claim.manifest) is not the first of its language") }
    if items.count + names.count > Archive.countLimit { throw .whole("it has too many entries") }
    for (name, size, source) in names {
      items.append(DeltaRecipe.Item(name: name, size: size, offset: items.last?.end ?? 0, source: source))
    }
  }

  private mutating func finish() throws(Obstacle) {
    let directory = items.last?.end ?? 0
    let length = items.reduce(0) { $0 + ArchiveForm.central + $1.name.utf8.count }
    guard directory + length + ArchiveForm.end == size else {
      throw .whole("its signatures or its form differ from those on this device")
    }
    if windowStart != directory { (windowStart, window) = (directory, []) }
    // The beginning of the first header says which program made the file.
    let header = try bytes(directory..<directory + 8)
    let (maker, needed) = (header.number(at: 4, 2), header.number(at: 6, 2))
    guard header.number(at: 0, 4) == ArchiveForm.centralSignature, ArchiveForm.makers.contains(maker),
      ArchiveForm.needs.contains(needed)
    else { throw .whole("its directory is not where it should be") }
    let ranges = DeltaRecipe.ranges(of: items, limit: requestLimit - requests)
    let recipe = DeltaRecipe(items: items, ranges: ranges, directory: directory, maker: maker, needed: needed)
    if received + recipe.fetchSize > size / 2 { throw .whole("most of it is new") }
    step = .assemble(recipe)
  }

  // MARK: - The form

  private struct Parsed {
    let name: String
    let content: [UInt8]
    let offset: Int

    var item: DeltaRecipe.Item {
      DeltaRecipe.Item(name: name, size: content.count, offset: offset, source: .known(content))
    }
    var end: Int { item.end }
  }

  private func bytes(_ range: Range<Int>) throws(Obstacle) -> [UInt8] {
    if range.upperBound > windowStart + window.count { throw .needs(range.upperBound) }
    return Array(window[range.lowerBound - windowStart..<range.upperBound - windowStart])
  }

  /// Parses the name and the size of the entry at `offset`; nil if something else is there.
  private func header(at offset: Int) throws(Obstacle) -> (name: String, size: Int)? {
    let fixed = try bytes(offset..<offset + ArchiveForm.local)
    guard fixed.number(at: 0, 4) == ArchiveForm.localSignature else { return nil }
    let length = fixed.number(at: 26, 2)
    guard length > 0, length <= Archive.nameLimit else { return nil }
    let name = try bytes(offset + ArchiveForm.local..<offset + ArchiveForm.local + length)
    return (String(decoding: name, as: UTF8.self), fixed.number(at: 22, 4))
  }

  private func entry(at offset: Int) throws(Obstacle) -> Parsed {
    guard let (name, size) = try header(at: offset), size <= Self.documentLimit else {
      throw .whole("no entry begins at \(offset)")
    }
    let start = offset + ArchiveForm.local + name.utf8.count
    return Parsed(name: name, content: try bytes(start..<start + size), offset: offset)
  }

  /// Parses a manifest and the signatures that follow it.
  private func document(_ name: String, at offset: Int) throws(Obstacle) -> ([DeltaRecipe.Item], text: [UInt8]) {
    let first = try entry(at: offset)
    guard first.name == name else { throw .whole("\(name) is not at \(offset)") }
    var (items, end) = ([first.item], first.end)
    while let next = try header(at: end), next.name.hasPrefix("\(name)."), next.name.hasSuffix(".minisig") {
      let signature = try entry(at: end)
      items.append(signature.item)
      end = signature.end
    }
    return (items, first.content)
  }
}
