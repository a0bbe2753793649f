import Board
import BoardJSON
import Foundation
import Glibc
import Kit
import Posix
import Store
import TestSupport
import Testing

/// Sticks: directories in their place, and images that are mounted as a stick is. Root's service runs beside, as its unit
/// starts it.
@Suite("A stick in a device", .serialized)
struct StickTests {
  private let place: Workplace
  private let key: SecretKey
  private var directory: String { place.directory }
  private var stick: String { directory + "/stick" }
  private var incoming: String { directory + "/spool/in" }
  private var store: Store { Store(directory + "/store") }

  init() throws {
    place = try Workplace()
    _ = try SecretKey.generate(name: place.directory + "/key", passphrase: nil)
    key = try SecretKey(reading: place.directory + "/key.key") { _ in nil }
    for name in ["stick", "spool/in", "system/in"] { try Files.makeDirectory(place.directory + "/" + name) }
    try Store(place.directory + "/store").trust(key.publicKey)
  }

  private var options: [String] {
    [
      "--store", directory + "/store", "--spool", directory + "/spool", "--socket", directory + "/none",
      "--system-spool", directory + "/system", "--run", directory + "/run",
    ]
  }

  /// Writes a kit to the stick.
  private func put(_ name: String, _ version: String, by other: SecretKey? = nil) throws {
    let key = try other.map { try path(of: $0) } ?? directory + "/key.key"
    try Sandbox.writeKit(to: "\(stick)/\(name)", key: key, draft: false, version: version)
  }

  private func path(of key: SecretKey) throws -> String { "\(directory)/\(key.publicKey.id).key" }

  private func stranger() throws -> SecretKey {
    _ = try SecretKey.generate(name: directory + "/stranger", passphrase: nil)
    let key = try SecretKey(reading: directory + "/stranger.key") { _ in nil }
    try Files.replace(try path(of: key), with: try Files.read(directory + "/stranger.key"), mode: 0o600)
    return key
  }

  /// Visits a stick while root's service waits for the spool; returns what the visit printed and its exit status.
  private func visit(_ verb: String = "take", _ source: String? = nil) throws -> Program.Outcome {
    let ended = directory + "/ended"
    _ = unlink(ended)
    let service = Process()
    service.executableURL = URL(fileURLWithPath: "/bin/sh")
    // What the path unit does. It ends with the visit.
    let script = """
      while [ ! -e "$1" ]; do
        set -- "$1" "$2" "$3"; for one in "$3"/spool/in/*.kit "$3"/spool/in/*.json "$3"/spool/in/*.pub; do
          if [ -e "$one" ]; then "$2" store apply --store "$3/store" --spool "$3/spool" --socket "$3/none"; fi
        done; sleep 0.05
      done
      """
    service.arguments = [
      "-c", script, "sh", ended, try Files.programDirectory().appending("firstword").string, directory,
    ]
    service.standardOutput = FileHandle.nullDevice
    service.standardError = FileHandle.nullDevice
    try service.run()
    defer {
      try? Files.replace(ended, with: [])
      service.waitUntilExit()
    }
    return try Program.run(["stick", verb, source ?? stick] + options, in: directory)
  }

  private var active: String? { try? store.state().active.flatMap { try? store.state().kit(named: $0)?.version } }

  @Test("the newest kit is installed, other files stay closed, and the same kit again is there already")
  func takes() throws {
    try put("old.kit", "1.0")
    try Files.makeDirectory(stick + "/firstword")
    try put("firstword/new.kit", "1.1")
    try Files.replace(stick + "/holiday.jpg", with: [1, 2, 3])
    try Files.replace(stick + "/._new.kit", with: [0])
    let first = try visit()
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output == "firstword/new.kit: sounds 1.1 is installed\n")
    #expect(active == "1.1")
    let again = try visit()
    #expect(again.status == 0 && again.output == "sounds 1.1 is installed already, and played\n", "\(again)")
    #expect(try Files.list(incoming).isEmpty)
    // Only the older one is left: it is refused, as everywhere.
    _ = unlink(stick + "/firstword/new.kit")
    let older = try visit()
    #expect(older.status == 1 && older.errors.contains("is older than 1.1"), "\(older)")
    #expect(active == "1.1")
  }

  @Test("a stick that carries only a channel is left to the program that follows it, and refused where none does")
  func channel() throws {
    try Files.makeDirectory(stick + "/channel/metadata")
    try Files.replace(stick + "/channel/metadata/timestamp.json", with: Array("{}".utf8))
    let configuration = directory + "/channel.json"
    let stranger = try Program.run(["stick", "take", stick, "--channel", configuration] + options, in: directory)
    #expect(stranger.status == 1 && stranger.errors.contains("none that this device follows"), "\(stranger)")
    try Files.replace(configuration, with: [])
    let follower = try Program.run(["stick", "take", stick, "--channel", configuration] + options, in: directory)
    #expect(follower.status == 0 && follower.errors.contains("a channel, and nothing else"), "\(follower)")
  }

  @Test(
    "unsigned, foreign, damaged and sparse files of 4 GB are refused, an empty stick too, and nothing is left behind")
  func refuses() throws {
    let empty = try visit()
    #expect(empty.status == 1 && empty.errors.contains("nothing on this stick is for this device"), "\(empty)")
    try put("foreign.kit", "3.0", by: try stranger())
    try Files.replace(stick + "/damaged.kit", with: Array("PK\u{3}\u{4}".utf8))
    let sparse = try FileDescriptor(opening: stick + "/huge.kit", O_CREAT | O_WRONLY)
    #expect(ftruncate(sparse.raw, 4 << 30) == 0)
    #expect(symlink("/etc/shadow", stick + "/link.kit") == 0)
    let outcome = try visit()
    #expect(outcome.status == 1)
    for part in ["foreign.kit", "damaged.kit", "huge.kit"] { #expect(outcome.errors.contains(part), "\(outcome)") }
    #expect(!outcome.errors.contains("link.kit") && !outcome.errors.contains("shadow"))
    #expect(outcome.isPlain)
    #expect(try Files.list(incoming).isEmpty)
    #expect(try store.state().kits.isEmpty)
  }

  @Test("a recall list and a rotation are applied once, before the kit that needs them")
  func lists() throws {
    try put("first.kit", "1.0")
    #expect(try visit().status == 0)
    let successor = try stranger()
    let rotation = KeyRotation(from: key.publicKey, to: successor.publicKey, date: "2026-05-01")
    try SignedFile.write(
      try rotation.json(), to: stick + "/rotation.json", signedBy: key, comment: rotation.comment)
    try put("second.kit", "2.0", by: successor)
    let outcome = try visit()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("is followed by \(successor.publicKey.id)"), "\(outcome)")
    #expect(active == "2.0")
    let again = try visit()
    #expect(again.status == 0 && again.output.contains("rotation.json: it is known already"), "\(again)")
  }

  @Test("a key is trusted only by the command for the chord, and a kit of it is installed at once")
  func keys() throws {
    let other = try stranger()
    try other.publicKey.write(to: stick + "/stranger.pub")
    let plain = try visit()
    #expect(plain.status == 1 && plain.errors.contains("only keys"), "\(plain)")
    try put("foreign.kit", "3.0", by: other)
    #expect(try visit().status == 1)
    #expect(try store.state().keys.count == 1)
    let chord = try visit("keys")
    #expect(chord.status == 0, "\(chord.errors)")
    #expect(chord.output.contains("\(other.publicKey.id) is trusted from now on"))
    #expect(try store.state().keys.count == 2)
    #expect(active == "3.0")
  }

  @Test(
    "a member of the group cannot bring a key through the spool",
    .enabled(if: geteuid() == 0, "SKIPPED: only root can give a file to another account; run the tests as root"))
  func foreignKey() throws {
    let other = try stranger()
    try other.publicKey.write(to: incoming + "/a.pub")
    #expect(chown(incoming + "/a.pub", 64_002, 64_000) == 0)
    let outcome = try Program.run(
      ["store", "apply", "--store", directory + "/store", "--spool", directory + "/spool", "--socket", "none"],
      in: directory)
    #expect(outcome.errors.contains("only root gives this device a key"), "\(outcome)")
    #expect(try store.state().keys.count == 1)
    #expect(try Files.list(incoming).isEmpty)
  }

  // MARK: The journal

  /// A board that writes so much of the journal to a stick.
  private func board(_ copy: Board.Journal.StickCopy?) throws -> String {
    var board = Sandbox.board()
    board.journal.stick = copy
    try Files.replace(directory + "/board.json", with: try board.json())
    return directory + "/board.json"
  }

  /// The journal of an earlier version, which every version reads.
  private func journal() throws -> String {
    try Files.replace(
      directory + "/journal",
      with: try Files.read(SourceTree.path + "/Tests/Device/JournalTests/version-1.jsonl"))
    return directory + "/journal"
  }

  private func write(_ copy: Board.Journal.StickCopy?) throws -> Program.Outcome {
    try Program.run(
      ["stick", "journal", stick, "--board", try board(copy), "--journal", try journal()] + options, in: directory)
  }

  @Test("the journal is written to a new file, redacted unless the board says whole, and no file is replaced")
  func journalCopies() throws {
    let redacted = try write(nil)
    #expect(redacted.status == 0, "\(redacted.errors)")
    let sheets = try Files.list(stick)
    #expect(sheets.count == 1 && sheets[0].hasPrefix("firstword-journal-") && sheets[0].hasSuffix(".html"), "\(sheets)")
    let content = try Files.read(stick + "/" + sheets[0])
    #expect(try write(.redacted).status == 0)
    #expect(try Files.list(stick).count == 2)
    #expect(try Files.read(stick + "/" + sheets[0]) == content)
    #expect(try write(.whole).status == 0)
    let whole = try #require(try Files.list(stick).first { $0.hasSuffix(".jsonl") })
    #expect(try Files.read(stick + "/" + whole) == Files.read(directory + "/journal"))
    let verified = try place.run("journal", "verify", "stick/" + whole)
    #expect(verified.status == 0, "\(verified)")
    let refused = try write(.nothing)
    #expect(refused.status == 1 && refused.errors.contains("writes no journal to a stick"), "\(refused)")
    #expect(try Files.list(stick).count == 3)
  }

  // MARK: Real file systems

  /// Whether this machine mounts an image as a stick is mounted.
  fileprivate static let mounts: Bool = {
    guard geteuid() == 0, Files.exists("/dev/loop-control"),
      Files.exists("/usr/sbin/mke2fs") || Files.exists("/sbin/mke2fs")
    else { return false }
    return (try? ChildProcess.run("losetup", ["-f"], seconds: 10).code) == 0
  }()

  /// Whether it mounts a FAT image.
  fileprivate static let mountsFAT: Bool = {
    guard mounts, Files.exists("/usr/sbin/mkfs.vfat"), Program.isInstalled("mcopy") else { return false }
    let known = (try? Files.read("/proc/filesystems")) ?? []
    return String(decoding: known, as: UTF8.self).contains("vfat")
  }()

  /// Makes an image of a directory, and returns a loop device with it.
  private func device(_ arguments: String...) throws -> (device: String, image: String) {
    let image = directory + "/stick.img"
    let made = try ChildProcess.run(arguments[0], Array(arguments.dropFirst()), seconds: 60)
    try #require(made.code == 0, "\(made.output)")
    let loop = try ChildProcess.run("losetup", ["-f", "--show", image], seconds: 10)
    try #require(loop.code == 0, "\(loop.output)")
    return (loop.output.trimmingCharacters(in: .whitespacesAndNewlines), image)
  }

  @Test(
    "an ext4 stick is mounted for one process, unchanged by reading, and takes the journal; pulled, it fails cleanly",
    .enabled(
      if: StickTests.mounts, "SKIPPED: no loop devices, no mke2fs, or not root; a directory stood in for the stick"))
  func ext4() throws {
    try put("shelter.kit", "1.0")
    #expect(symlink("/etc/passwd", stick + "/link.kit") == 0)
    #expect(symlink("loop.kit", stick + "/loop.kit") == 0)
    try Files.replace(directory + "/stick.img", with: [])
    #expect(truncate(directory + "/stick.img", 16 << 20) == 0)
    let (device, image) = try device("mke2fs", "-q", "-F", "-t", "ext4", "-d", stick, directory + "/stick.img")
    defer { _ = try? ChildProcess.run("losetup", ["-d", device], seconds: 10) }
    let before = try Files.read(image)
    let outcome = try visit("take", device)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "shelter.kit: sounds 1.0 is installed\n")
    #expect(try Files.read(image) == before, "not a byte of the stick changed")
    let mounted = try String(decoding: Files.read("/proc/self/mountinfo"), as: UTF8.self)
    #expect(!mounted.contains(device))

    let written = try Program.run(
      ["stick", "journal", device, "--board", try board(.whole), "--journal", try journal()] + options, in: directory)
    #expect(written.status == 0, "\(written.errors)")
    let checked = try ChildProcess.run("e2fsck", ["-fn", device], seconds: 60)
    #expect(checked.code == 0, "\(checked.output)")

    // Pulled: every read fails from somewhere on.
    #expect(truncate(image, 300 << 10) == 0)
    _ = try ChildProcess.run("blockdev", ["--flushbufs", device], seconds: 10)
    let pulled = try visit("take", device)
    #expect(pulled.status == 2 || pulled.status == 1, "\(pulled)")
    #expect(try Files.list(incoming).isEmpty)
    #expect(active == "1.0")
  }

  @Test(
    "a FAT stick is read by its long names",
    .enabled(
      if: StickTests.mountsFAT,
      "SKIPPED: no loop devices, dosfstools or mtools, or a kernel without vfat; no FAT stick was tried"))
  func fat() throws {
    try put("shelter house.kit", "1.0")
    let (device, image) = try device("mkfs.vfat", "-C", "-F", "32", directory + "/stick.img", "65536")
    defer { _ = try? ChildProcess.run("losetup", ["-d", device], seconds: 10) }
    let copied = try ChildProcess.run("mcopy", ["-i", image, stick + "/shelter house.kit", "::"], seconds: 60)
    try #require(copied.code == 0, "\(copied.output)")
    let outcome = try visit("take", device)
    #expect(outcome.status == 0 && outcome.output == "shelter house.kit: sounds 1.0 is installed\n", "\(outcome)")
  }

  @Test("what is no stick's file system is given to no driver")
  func unknown() throws {
    try Files.replace(directory + "/none.img", with: [UInt8](repeating: 0x42, count: 100_000))
    let outcome = try visit("take", directory + "/none.img")
    #expect(outcome.status == 2)
    #expect(
      outcome.errors
        == "firstword: \(directory)/none.img: no file system for a stick; format it with FAT32, exFAT or ext4\n")
  }
}
