import Foundation
import Glibc
import Posix
import Store
import Testing

@testable import Stick

/// Which files of a stick may be opened.
@Suite("The files of a stick")
struct StickListingTests {
  private let place: Scratch

  init() throws { place = try Scratch() }

  private func listing() throws -> StickListing { try StickListing(Directory(openingItself: place.path)) }

  @Test("plain files with known endings, of the root and of one directory, and nothing else")
  func known() throws {
    for name in [
      "shelter-1.0.kit", "Büro.KIT", "publisher.pub", "2.0.system", "recalls.json", "recalls.json.minisig",
      "alone.json", "holiday.jpg", "notes.txt", "kit", ".hidden.kit", "._shelter.kit", "a.kit.part", "autorun.inf",
    ] {
      try place.put(name)
    }
    for folder in ["Firstword", "other", "deep.kit"] { try Files.makeDirectory(place.path + "/" + folder) }
    for name in ["Firstword/inner.kit", "Firstword/a.json", "other/lost.kit"] { try place.put(name) }
    try Files.makeDirectory(place.path + "/Firstword/firstword")
    try place.put("Firstword/firstword/deeper.kit")
    #expect(
      try listing().items.map(\.path) == [
        "2.0.system", "Büro.KIT", "publisher.pub", "recalls.json", "shelter-1.0.kit", "Firstword/inner.kit",
      ])
    #expect(try listing().items.map(\.kind) == [.system, .kit, .key, .list, .kit, .kit])
  }

  @Test("links, FIFOs, sockets, loops of links and names with escapes are not opened")
  func strange() throws {
    try place.put("outside")
    let names = ["link.kit", "loop.kit", "dangling.kit"]
    for (name, target) in zip(names, ["/etc/passwd", "loop.kit", "nowhere"]) {
      #expect(symlink(target, place.path + "/" + name) == 0)
    }
    #expect(symlink("/", place.path + "/firstword") == 0)
    #expect(mkfifo(place.path + "/pipe.kit", 0o600) == 0)
    let socket = try FileDescriptor.streamSocket()
    let raw = socket.raw
    try SocketAddress.with(place.path + "/socket.kit", "bind") { bind(raw, $0, $1) }
    // The device 1:1 is the memory.
    if geteuid() == 0 { #expect(mknod(place.path + "/memory.kit", S_IFCHR | 0o600, 0x101) == 0) }
    for name in ["\u{1B}[31mred.kit", "line\nbreak.kit", "bell\u{07}.pub"] {
      try place.put(name)
    }
    let bad = (place.path + "/").utf8CString.dropLast() + [CChar(bitPattern: 0xFF), 0x2E, 0x6B, 0x69, 0x74, 0]
    let file = bad.withUnsafeBufferPointer { open($0.baseAddress!, O_CREAT | O_WRONLY, 0o600) }
    #expect(file >= 0)
    close(file)
    // The signature of a list is a link.
    try place.put("list.json")
    #expect(symlink("outside", place.path + "/list.json.minisig") == 0)
    let found = try listing()
    #expect(found.items.isEmpty, "\(found.items)")
    #expect(!found.isCut)
  }

  @Test("a hundred thousand files hide no kit, and more kits than are examined are reported")
  func many() throws {
    for number in 0..<20_000 { try place.touch("IMG_\(number).JPG") }
    try place.put("shelter.kit")
    let found = try listing()
    #expect(found.items.map(\.name) == ["shelter.kit"])
    #expect(!found.isCut)
    for number in 0..<(StickListing.files + 5) { try place.touch("\(number).kit") }
    let full = try listing()
    #expect(full.isCut)
    #expect(full.items.count == StickListing.files)
  }

  @Test("a name says what a file is, in any case of its ending, or nothing")
  func names() {
    #expect(StickListing.kind(of: "a.kit") == .kit)
    #expect(StickListing.kind(of: "a.KiT") == .kit)
    #expect(StickListing.kind(of: "a b (2).json") == .list)
    for name in ["", ".kit", "kit", "a.kits", "a.", "..kit", "a\u{0}.kit", String(repeating: "a", count: 300) + ".kit"]
    {
      #expect(StickListing.kind(of: name) == nil, "\(name)")
    }
  }

  @Test("file systems are recognised by their first bytes, and others are given to no driver")
  func fileSystems() {
    func header(_ places: [(Int, [UInt8])]) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: StickFileSystem.headerSize)
      for (offset, value) in places { bytes.replaceSubrange(offset..<(offset + value.count), with: value) }
      return bytes
    }
    let end: (Int, [UInt8]) = (510, [0x55, 0xAA])
    #expect(StickFileSystem(header: header([end, (82, Array("FAT32   ".utf8))])) == .vfat)
    #expect(StickFileSystem(header: header([end, (54, Array("FAT16   ".utf8))])) == .vfat)
    #expect(StickFileSystem(header: header([end, (3, Array("EXFAT   ".utf8))])) == .exfat)
    #expect(StickFileSystem(header: header([(1080, [0x53, 0xEF])])) == .ext4)
    let others: [[(Int, [UInt8])]] = [
      [], [end], [end, (3, Array("NTFS    ".utf8))], [(1024, [0x48, 0x2B])], [(0, Array("XFSB".utf8))],
    ]
    for other in others { #expect(StickFileSystem(header: header(other)) == nil) }
    #expect(StickFileSystem(header: []) == nil)
    #expect(StickFileSystem(header: [UInt8](repeating: 0x46, count: 100)) == nil)
  }

  @Test("sticks are the partitions of USB devices, and those without partitions")
  func devices() throws {
    let root = place.path + "/block"
    try Files.makeDirectory(root)
    let usb = "../../devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block"
    for (name, target) in [
      ("sda", "\(usb)/sda"), ("sda1", "\(usb)/sda/sda1"), ("sda2", "\(usb)/sda/sda2"),
      ("sdb", "\(usb)/sdb"), ("mmcblk0", "../../devices/platform/soc/mmc0/block/mmcblk0"),
      ("mmcblk0p1", "../../devices/platform/soc/mmc0/block/mmcblk0/mmcblk0p1"),
    ] {
      #expect(symlink(target, root + "/" + name) == 0)
    }
    #expect(StickDevices.all(root: Path(root)) == ["/dev/sda1", "/dev/sda2", "/dev/sdb"])
    #expect(StickDevices.all(root: "/nowhere").isEmpty)
  }

  @Test("the worst outcome of a stick counts, and one that holds nothing for the device is refused")
  func report() {
    var report = StickReport()
    #expect(report.outcome == .refused)
    report.add(.present, "a")
    #expect(report.outcome == .present)
    report.add(.done, "b")
    #expect(report.outcome == .done)
    report.add(.refused, "c")
    report.add(.done, "d")
    #expect(report.outcome == .refused)
    report.add(.failed, "e")
    #expect(report.outcome == .failed)
    #expect(report.summary == "a; b; c; d; e")
  }

  @Test("a report of any length has a summary that fits into a request to the daemon, the worst lines first")
  func longReport() {
    let name = String(repeating: "\u{1780}\"", count: 50)
    var report = StickReport()
    report.add(.done, "good.kit is installed")
    for number in 0..<128 { report.add(.refused, "\(number) \(name): it is no kit") }
    let summary = report.summary
    #expect(summary.utf8.count <= 1600, "\(summary.utf8.count)")
    #expect(summary.hasPrefix("0 \u{1780}"))
    #expect(summary.hasSuffix("; 123 more in the log of this service"), "\(summary.suffix(60))")
    var single = StickReport()
    single.add(.failed, String(repeating: name, count: 100))
    #expect(single.summary.utf8.count <= 1600, "\(single.summary.utf8.count)")
  }

  @Test("a stick's superblock cannot ask the kernel for a panic, and nothing is written where nothing must be")
  func mountOptions() {
    #expect(StickFileSystem.errors == "remount-ro")
    for system in StickFileSystem.allCases { #expect(system.flags(writes: false).contains("ro")) }
    #expect(StickFileSystem.ext4.flags(writes: false).contains("noload"))
  }
}

/// A directory in the place of a stick.
final class Scratch {
  let path: String

  init() throws { path = try Files.makeTemporaryDirectory("firstword-stick").string }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func put(_ name: String) throws { try Files.replace(path + "/" + name, with: Array(name.utf8)) }

  /// Makes an empty file, without a sync.
  func touch(_ name: String) throws { _ = try FileDescriptor(opening: path + "/" + name, O_CREAT | O_WRONLY) }
}
