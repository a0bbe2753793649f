import Encoding
import FoundationEssentials
import Glibc
import Posix

/// Makes the image of a card: copies the base image beside the new file, verifies it, puts board, kit and keys into its
/// data partition, and gives it its name.
public struct CardMaker: Sendable {
  /// A card that was made.
  public struct Card: Equatable, Sendable {
    /// The path of the image.
    public var path: String
    /// Its size in bytes.
    public var size: Int
    /// The SHA-256 of the image.
    public var sha256: String
    /// What is on it.
    public var record: CardRecord
  }

  private let base: BaseImage
  private let plan: CardPlan

  /// The bytes that stay free on the data partition, for the journal and for the next kit's copy of an index.
  static let margin = 24 << 20

  /// Prepares the work.
  public init(_ base: BaseImage, _ plan: CardPlan) {
    self.base = base
    self.plan = plan
  }

  /// The parts of the work in hundredths of it, in their order: measured with an image of 1 GiB.
  private enum Part {
    static let copy = 0...20
    static let verification = 20...45
    static let kit = 45...55
    static let partition = 55...65
    static let hashes = 65...100
  }

  /// Makes the image.
  ///
  /// - Parameters:
  ///   - output: the path of the new file; a file in its place is replaced when the new one is whole.
  ///   - progress: gets the hundredths that are done, and 100.
  ///   - isCancelled: asked now and then; true ends the work, and nothing is left of it.
  // Swift 6.0's optimizer crashes on functions that borrow a descriptor on many paths.
  @_optimize(none)
  public func make(
    _ output: String, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in },
    isCancelled: () -> Bool = { false }
  ) throws(ImageError) -> Card {
    if Files.isSame(base.path, output) {
      throw .refused(output, "the card would replace its own base image", "give another file to -o")
    }
    func step(_ part: ClosedRange<Int>, _ done: Int, _ all: Int) throws(ImageError) {
      if isCancelled() { throw .cancelled }
      progress(part.lowerBound + (part.upperBound - part.lowerBound) * done / max(1, all), 100)
    }
    let temporary = try mapError(ImageError.system, Files.makeTemporaryDirectory("firstword-image"))
    let part = Path(output + ".part")
    defer { try? FileManager.default.removeItem(atPath: temporary.string) }
    do throws(ImageError) {
      let file = try create(part)
      try copy(to: file, part) { (done) throws(ImageError) in try step(Part.copy, done, base.size) }
      try base.verify(file) { (done) throws(ImageError) in try step(Part.verification, done, base.hashed) }
      let record = CardRecord(plan, image: base.description.version)
      let files = try DataFiles(plan, record: record, in: temporary) { done, all in
        try? step(Part.kit, done, all)
      }
      try step(Part.partition, 0, 1)
      guard let data = base.description.partition(.data), let boot = base.description.partition(.boot) else {
        throw .failed("\(base.path): the image has no data partition")
      }
      try requireRoom(for: files, in: file, data)
      try DataPartition(files, start: data.start, epoch: base.epoch).write(to: part)
      try step(Part.partition, 1, 1)
      // Without lines for the firmware its partition stays as it is.
      var changed = [data]
      if !plan.firmware.isEmpty, let config = base.description.config,
        let content = FirmwareLines.content(plan.firmware, length: config.length)
      {
        try SparseFile.write(content, to: file, part.string, at: config.offset)
        changed.append(boot)
      }
      var text = String(decoding: base.text, as: UTF8.self)
      let all = changed.reduce(base.size) { $0 + $1.hashed }
      var before = 0
      for partition in changed {
        guard let old = partition.sha256 else { continue }
        let hash = try SparseFile.sha256(file, part.string, from: partition.start, count: partition.hashed) {
          (done) throws(ImageError) in try step(Part.hashes, before + done, all)
        }
        before += partition.hashed
        text = text.replacing("\"\(old)\"", with: "\"\(hash)\"")
      }
      try SparseFile.write(try description(text), to: file, part.string, at: BaseDescription.offset)
      let sha256 = try SparseFile.sha256(file, part.string, from: 0, count: base.size) {
        (done) throws(ImageError) in try step(Part.hashes, before + done, all)
      }
      try finish(file, part, as: output)
      return Card(path: output, size: base.size, sha256: sha256, record: record)
    } catch {
      unlink(part.string)
      throw error
    }
  }

  /// Creates the file beside the new one, for its owner alone if it gets passwords. What an interrupted run left there is
  /// removed.
  private func create(_ part: Path) throws(ImageError) -> FileDescriptor {
    _ = try mapError(ImageError.system, Directory(opening: part.parent).remove(part.lastComponent))
    let mode: mode_t = plan.channel?.hasPasswords == true ? 0o600 : 0o644
    return try mapError(
      ImageError.system, FileDescriptor(opening: part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode))
  }

  private func copy(
    to file: borrowing FileDescriptor, _ part: Path, progress: (Int) throws(ImageError) -> Void
  ) throws(ImageError) {
    let source = try mapError(ImageError.system, FileDescriptor(opening: base.path, O_RDONLY | O_NONBLOCK))
    let size = try mapError(ImageError.system, source.regularFileSize(path: base.path))
    if size != base.size { throw .refused(base.path, "the image changed while it was read", "begin again") }
    try SparseFile.copy(source, base.path, size: size, to: file, part.string, progress: progress)
  }

  /// Throws where the data partition has no room for the files.
  private func requireRoom(
    for files: DataFiles, in file: borrowing FileDescriptor, _ data: BaseDescription.Partition
  ) throws(ImageError) {
    let place = data.start + DataSpace.superblock.offset
    let bytes = try mapError(ImageError.system, file.read(DataSpace.superblock.size, at: place))
    guard let space = bytes.flatMap(DataSpace.init) else {
      throw .refused(base.path, "its data partition has no ext4 file system", "use the published image")
    }
    let need = space.need(of: files.entries.map { $0.size ?? 0 }) + Self.margin
    if need > space.bytes || files.entries.count > space.inodes {
      func megabytes(_ bytes: Int) -> Int { (bytes + 999_999) / 1_000_000 }
      throw .refused(
        base.path,
        "the kit needs \(megabytes(need)) MB with room for the journal, and the data partition has "
          + "\(megabytes(space.bytes)) MB",
        "build a kit of fewer languages, or an image with a larger data partition")
    }
  }

  /// Returns the description of the finished card: with the new hashes, and what was put in.
  private func description(_ text: String) throws(ImageError) -> [UInt8] {
    let card = BaseDescription.Card(
      serial: plan.settings.serial, board: plan.board.name,
      kit: "\(plan.kit.manifest.name) \(plan.kit.manifest.version)")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(card), let brace = text.firstIndex(of: "{") else {
      throw .failed("the description of the card cannot be written; please report this")
    }
    var whole = text
    whole.insert(contentsOf: "\"card\":\(String(decoding: json, as: UTF8.self)),", at: text.index(after: brace))
    let bytes = Array(whole.utf8)
    do throws(DocumentError) { _ = try BaseDescription(json: bytes, size: base.size) } catch {
      throw .failed("the description of the card is invalid: \(error); please report this")
    }
    if bytes.count > BaseDescription.limit { throw .failed("the description of the card is too long") }
    return bytes + [UInt8](repeating: 0, count: BaseDescription.limit - bytes.count)
  }

  /// Brings the file to the disk, and gives it its name.
  private func finish(_ file: borrowing FileDescriptor, _ part: Path, as output: String) throws(ImageError) {
    let raw = file.raw
    do throws(SystemError) {
      try posix("fsync", path: part) { fsync(raw) }
      try Files.commit(part, as: output)
    } catch { throw .system(error) }
  }
}
