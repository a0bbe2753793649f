import Posix

/// A base image like those of `Hardware/image`, but small: the same table, description and data partition.
public struct SmallBaseImage: Sendable {
  /// The image's path.
  public let path: String

  /// A region of the image in bytes.
  public struct Region: Sendable {
    /// Its first byte.
    public var start: Int
    /// Its size.
    public var size: Int

    /// Names a region.
    public init(start: Int, size: Int) { (self.start, self.size) = (start, size) }
  }

  /// Where the description lies.
  public static let description = Region(start: 2 << 20, size: 64 << 10)
  /// The firmware's partition.
  public static let boot = Region(start: 4 << 20, size: 1 << 20)
  /// The firmware's file `firstword.txt`.
  public static let config = Region(start: (4 << 20) + (512 << 10), size: 4096)
  /// The system.
  public static let system = Region(start: 5 << 20, size: 1 << 20)
  /// The place of the next system.
  public static let next = Region(start: 6 << 20, size: 1 << 20)
  /// The first byte of the device's own data.
  public static let data = 8 << 20

  /// A tool that is missing, or has failed.
  public struct Failure: Error, CustomStringConvertible {
    /// What it said.
    public var description: String
  }

  /// Makes an image.
  ///
  /// - Parameters:
  ///   - directory: an existing directory for it.
  ///   - megabytes: the size of the data partition in MiB.
  ///   - board: the compiled board that is in it already; nil for none.
  ///   - change: changes the text of the description.
  public init(
    in directory: String, name: String = "base.img", megabytes: Int = 40, board: String? = nil,
    change: (String) -> String = { $0 }
  ) throws {
    path = "\(directory)/\(name)"
    let part = "\(directory)/.\(name)-part"
    defer { _ = try? Directory(opening: directory).remove(".\(name)-part") }
    let all = Region(start: Self.data, size: megabytes << 20)
    func tool(_ program: String, _ arguments: [String]) throws -> String {
      let outcome = try ChildProcess.run(
        "env", ["PATH=/usr/sbin:/sbin:/usr/bin:/bin", program] + arguments, seconds: 60)
      if outcome.code != 0 { throw Failure(description: "\(program): \(outcome.output)") }
      return outcome.output
    }
    func hash(_ bytes: [UInt8]) throws -> String {
      try Files.replace(part, with: bytes)
      return String(try tool("sha256sum", [part]).prefix(64))
    }
    var image = [UInt8](repeating: 0, count: Self.data)
    func put(_ bytes: [UInt8], at place: Int) { image.replaceSubrange(place..<place + bytes.count, with: bytes) }
    put(Array("firmware".utf8), at: Self.boot.start)
    put([UInt8](repeating: 0x23, count: Self.config.size - 1) + [10], at: Self.config.start)
    put(Array("system".utf8), at: Self.system.start)
    let regions = [Self.boot, Self.system, Self.next, all]
    for (index, region) in regions.enumerated() {
      let kind: UInt8 = index == 0 ? 0x0C : 0x83
      let numbers = [region.start / 512, region.size / 512].flatMap { number in
        (0..<4).map { UInt8(number >> (8 * $0) & 0xFF) }
      }
      put([0, 0, 0, 0, kind, 0, 0, 0] + numbers, at: 446 + 16 * index)
    }
    put([0x55, 0xAA], at: 510)

    let boot = try hash(Array(image[Self.boot.start..<Self.boot.start + Self.boot.size]))
    let system = try hash(Array(image[Self.system.start..<Self.system.start + 4096]))
    let uuid = "f1257000-0d00-4000-8000-000000000004"
    try Files.replace(part, with: [])
    let time = "E2FSPROGS_FAKE_TIME=1735689600"
    _ = try tool(
      time,
      [
        "mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-U", uuid, "-L", "firstword-data", "-E",
        "hash_seed=\(uuid),lazy_itable_init=0,nodiscard", "-O", "^metadata_csum_seed,metadata_csum,64bit", "-m", "1",
        part,
        "\(megabytes)m",
      ])
    for name in ["etc", "spool", "store"] {
      _ = try tool(time, ["debugfs", "-w", "-R", "mkdir /\(name)", part])
    }
    if let board {
      let file = "\(directory)/.\(name)-board"
      try Files.replace(file, with: Array(board.utf8))
      defer { _ = try? Directory(opening: directory).remove(".\(name)-board") }
      _ = try tool(time, ["debugfs", "-w", "-R", "write \(file) /etc/board.json", part])
    }
    let data = String(try tool("sha256sum", [part]).prefix(64))
    func partition(_ role: String, _ number: Int, _ region: Region, _ type: String, _ rest: String) -> String {
      """
      {"role":"\(role)","number":\(number),"start":\(region.start),"size":\(region.size),"type":"\(type)"\(rest)}
      """
    }
    let partitions = [
      partition("boot", 1, Self.boot, "vfat", ",\"sha256\":\"\(boot)\""),
      partition("a", 2, Self.system, "erofs", ",\"used\":4096,\"sha256\":\"\(system)\""),
      partition("b", 3, Self.next, "erofs", ",\"used\":0"),
      partition("data", 4, all, "ext4", ",\"sha256\":\"\(data)\""),
    ]
    let config = "\"config\":{\"offset\":\(Self.config.start),\"length\":\(Self.config.size)}"
    let text = """
      {"format":"firstword-base/1","version":"0.1.0","epoch":1750000000,"kernel":"6.12.1","login":false,\
      "boards":["raspberry-pi-4"],\(config),"partitions":[\(partitions.joined(separator: ","))],"slot":{"blocks":1}}
      """
    put(Array(change(text).utf8), at: Self.description.start)
    // The data partition follows what was put together.
    try Files.replace(path, with: image)
    _ = try tool("dd", ["if=\(part)", "of=\(path)", "bs=1M", "seek=8", "conv=notrunc,sparse", "status=none"])
    _ = try tool("truncate", ["-s", "\(Self.data + all.size)", path])
  }
}
