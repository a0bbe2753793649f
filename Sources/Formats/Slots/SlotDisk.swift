import Encoding
import Glibc
import Kit
import Posix

/// The bytes of a card, or of the image of one.
package protocol SlotMedium: AnyObject, Sendable {
  /// The size in bytes.
  var size: Int { get }
  /// Reads exactly `count` bytes.
  func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8]
  /// Writes all bytes. They may be lost until `sync` returns.
  func write(_ bytes: [UInt8], at offset: Int) throws(SystemError)
  /// Writes everything to the card, and drops what was cached, so that it is read from the card again.
  func sync() throws(SystemError)
}

/// A card with two slots: its state, and the systems in the slots. A file with the image of a card serves as well.
///
/// The running system is never written to. Each step is synced before the next one: after a power cut at any moment the
/// state names a slot that holds a whole system.
public final class SlotDisk: Sendable {
  /// The path of the card, for errors.
  public let path: String
  let medium: any SlotMedium
  /// Bytes that are written at once.
  static let chunk = 1 << 20
  private let chunk: Int
  /// The bytes of the description of an image.
  static let description = 2 << 20..<(2 << 20) + 65_536

  /// Opens a card: a block device or a file.
  ///
  /// - Parameter writing: whether it will be changed.
  public convenience init(_ path: String, writing: Bool = false) throws(SystemUpdateError) {
    let file: FileDescriptor
    do throws(SystemError) {
      file = try FileDescriptor(opening: path, (writing ? O_RDWR : O_RDONLY) | O_NONBLOCK)
    } catch { throw .system(error) }
    try self.init(FileMedium(file, path: path), path: path)
  }

  /// Uses a medium.
  ///
  /// - Parameter chunk: bytes that are written at once.
  package init(_ medium: any SlotMedium, path: String, chunk: Int = SlotDisk.chunk) throws(SystemUpdateError) {
    self.path = path
    self.medium = medium
    self.chunk = chunk
    // Everything else depends on the partitions.
    for slot in Slot.allCases { _ = try partition(slot) }
  }

  private func read(_ count: Int, at offset: Int) throws(SystemUpdateError) -> [UInt8] {
    try mapError(SystemUpdateError.system, medium.read(count, at: offset))
  }

  /// Returns the bytes of a slot's partition, from the partition table. (MBR: entries of 16 bytes from 446 on.)
  func partition(_ slot: Slot) throws(SystemUpdateError) -> Range<Int> {
    func refuse(_ why: String) -> SystemUpdateError { .noSlots(path: path, why) }
    if medium.size < 512 { throw refuse("it has no partition table") }
    let table = try read(512, at: 0)
    guard table[510] == 0x55, table[511] == 0xAA else { throw refuse("it has no partition table") }
    let entry = 446 + 16 * (slot == .a ? 1 : 2)
    func number(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(table[entry + at + $1]) << (8 * $1) } }
    let (start, count) = (number(8) * 512, number(12) * 512)
    // The states lie before the first partition.
    guard table[entry + 4] == 0x83, start > SlotState.offsets[1], count >= 2 * SlotTrailer.size,
      start + count <= medium.size
    else { throw refuse("partition \(slot == .a ? 2 : 3) is no slot") }
    return start..<(start + count)
  }

  // MARK: Reading

  /// The state, and the index of the sector that has it; nil where no sector has one.
  private func reading() throws(SystemUpdateError) -> (state: SlotState, place: Int?) {
    var found: (state: SlotState, place: Int?) = (SlotState(), nil)
    for (place, offset) in SlotState.offsets.enumerated() {
      guard let state = SlotState(sector: try read(SlotState.sectorSize, at: offset)) else { continue }
      if state.sequence > found.state.sequence || found.place == nil { found = (state, place) }
    }
    return found
  }

  /// Reads which slot starts next.
  public func state() throws(SystemUpdateError) -> SlotState { try reading().state }

  /// Reads what a slot holds; nil where it holds no system.
  public func trailer(_ slot: Slot) throws(SystemUpdateError) -> SlotTrailer? {
    SlotTrailer(try read(SlotTrailer.size, at: try partition(slot).upperBound - SlotTrailer.size))
  }

  /// Reads the release of the kernel from the description of an image, which Hardware/image puts before the first
  /// partition: JSON and zeros.
  func kernel() throws(SystemUpdateError) -> String {
    struct Base: Decodable { var kernel: String }
    let text = try read(Self.description.count, at: Self.description.lowerBound).prefix { $0 != 0 }
    do throws(DocumentError) { return try Documents.decode(Base.self, from: Array(text)).kernel } catch {
      throw .noSlots(path: path, "its description names no kernel")
    }
  }

  /// Returns the SHA-256 of bytes on the card.
  func digest(_ offset: Int, count: Int) throws(SystemUpdateError) -> String {
    var digest = RunningDigest()
    var done = 0
    while done < count {
      let part = try read(min(chunk, count - done), at: offset + done)
      part.withUnsafeBytes { digest.add($0) }
      done += part.count
    }
    return digest.hexadecimal
  }

  // MARK: Changing

  /// Writes bytes, syncs them and reads them back.
  private func write(_ bytes: [UInt8], at offset: Int, _ slot: Slot) throws(SystemUpdateError) {
    do throws(SystemError) {
      try medium.write(bytes, at: offset)
      try medium.sync()
    } catch { throw .system(error) }
    if try read(bytes.count, at: offset) != bytes { throw .unwritten(path: path, slot) }
  }

  /// Replaces the older one of the two states.
  private func save(_ state: SlotState) throws(SystemUpdateError) {
    let (before, place) = try reading()
    var next = state
    next.sequence = before.sequence + 1
    try write(next.sector, at: SlotState.offsets[place == 0 ? 1 : 0], state.slot)
  }

  /// Records that the daemon of the running system was ready: it is started from now on.
  ///
  /// - Parameter running: the slot that was started.
  /// - Returns: false if that was recorded already.
  @discardableResult
  public func markGood(_ running: Slot) throws(SystemUpdateError) -> Bool {
    let state = try state()
    // An update that is on trial at the next start stays on trial.
    if state.slot != running || state.tries == .good && state.boots == 0 { return false }
    try save(SlotState(slot: running, tries: .good, boots: 0))
    return true
  }

  /// What became of an update.
  public enum Outcome: Equatable, Sendable {
    /// It is in this slot, and starts on trial next time.
    case written(Slot)
    /// It runs already, or waits for its trial.
    case present
  }

  /// Writes an update to the slot that does not run, verifies what was written, and lets it start on trial next time.
  ///
  /// - Parameters:
  ///   - update: the update; its signature is verified first.
  ///   - trusted: the keys that may sign it.
  ///   - running: the slot that was started.
  ///   - kernel: the release of the kernel that runs.
  ///   - pause: called before each part of the image; it returns when the card may be written to.
  @discardableResult
  public func install(
    _ update: SystemFile, trustedBy trusted: TrustedKeys, running: Slot, kernel: String,
    pause: () -> Void = {}
  ) throws(SystemUpdateError) -> Outcome {
    try update.signer(trustedBy: trusted)
    let (manifest, target) = (update.manifest, running.other)
    if let present = try trailer(running) {
      if present == manifest.trailer { return .present }
      if SystemVersion(manifest.version) < SystemVersion(present.version) {
        throw .downgrade(path: update.path, version: manifest.version, running: present.version)
      }
    }
    if manifest.kernel != kernel { throw .kernel(path: update.path, needed: manifest.kernel, running: kernel) }
    let state = try state()
    if state.slot == target {
      if try trailer(target) == manifest.trailer { return .present }
    }
    let place = try partition(target)
    if manifest.size + SlotTrailer.size > place.count {
      throw .full(path: update.path, needed: manifest.size + SlotTrailer.size, slot: place.count)
    }
    // Until the new system is whole, the running one starts, and the target holds none.
    if state.slot == target { try save(SlotState(slot: running, tries: .good, boots: 0)) }
    let end = place.upperBound - SlotTrailer.size
    try write([UInt8](repeating: 0, count: SlotTrailer.size), at: end, target)
    try copy(update, to: place.lowerBound, pause)
    if try digest(place.lowerBound, count: manifest.size) != manifest.sha256 { throw .unwritten(path: path, target) }
    try write(manifest.trailer.bytes, at: end, target)
    try save(SlotState(slot: target, tries: .left(SlotState.trials), boots: 0))
    return .written(target)
  }

  /// Copies the image to the card, and checks that it is what was signed.
  private func copy(_ update: SystemFile, to offset: Int, _ pause: () -> Void) throws(SystemUpdateError) {
    var digest = RunningDigest()
    var done = 0
    while done < update.manifest.size {
      pause()
      let part = try update.image(min(chunk, update.manifest.size - done), at: done)
      part.withUnsafeBytes { digest.add($0) }
      try mapError(SystemUpdateError.system, medium.write(part, at: offset + done))
      done += part.count
    }
    if digest.hexadecimal != update.manifest.sha256 {
      throw .form(path: update.path, "its image is not the one that was signed")
    }
    try mapError(SystemUpdateError.system, medium.sync())
  }
}

/// A block device or a file.
private final class FileMedium: SlotMedium {
  private let file: FileDescriptor
  private let path: String
  let size: Int

  init(_ file: consuming FileDescriptor, path: String) throws(SystemUpdateError) {
    let raw = file.raw
    // The end of a block device is its size; stat(2) has none.
    let end = lseek(raw, 0, SEEK_END)
    if end < 0 { throw .system(SystemError("seek", path: path, code: errno)) }
    size = Int(end)
    self.path = path
    self.file = file
  }

  func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
    do throws(SystemError) {
      guard let bytes = try file.read(count, at: offset) else { throw SystemError("read", path: path, code: EIO) }
      return bytes
    } catch { throw error.at(path) }
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
    var done = 0
    let raw = file.raw
    while done < bytes.count {
      done += try posix("write", path: path) {
        bytes.withUnsafeBytes { pwrite(raw, $0.baseAddress! + done, $0.count - done, off_t(offset + done)) }
      }
    }
  }

  /// fsync(2), posix_fadvise(2)
  func sync() throws(SystemError) {
    let raw = file.raw
    try posix("fsync", path: path) { fsync(raw) }
    _ = posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED)
  }
}
