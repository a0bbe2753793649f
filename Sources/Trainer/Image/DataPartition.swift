import Glibc
import Posix

/// Writes files into the ext4 file system of an image, without root: by debugfs(8), and checked by e2fsck(8).
struct DataPartition: Sendable {
  /// The temporary directory with the files.
  private let files: DataFiles
  /// The first byte of the partition in the image.
  private let start: Int
  /// The time that all files get, in seconds since 1970.
  private let epoch: Int

  /// The image's name in the temporary directory: a link, so that no character of the user's path means anything to the
  /// tools.
  private static let link = "card.img"
  /// The seconds after which a tool is killed.
  private static let patience = 1800

  /// Prepares the work.
  init(_ files: DataFiles, start: Int, epoch: Int) {
    self.files = files
    self.start = start
    self.epoch = epoch
  }

  /// The commands of debugfs(8) that write the files. The owner of everything is root.
  static func script(_ files: DataFiles, epoch: Int) -> String {
    var lines: [String] = []
    for entry in files.entries {
      if DataFiles.given.contains(entry.path) { continue }
      let kind = entry.size == nil ? 0o040000 : 0o100000
      if entry.size == nil {
        lines.append("mkdir \(entry.path)")
      } else {
        // A base image may have a board already. Where there is no such file, nothing is removed.
        lines += ["rm \(entry.path)", "write \(files.local(entry)) \(entry.path)"]
      }
      lines.append("sif \(entry.path) mode 0\(String(kind | entry.mode, radix: 8))")
      for field in ["uid", "gid"] { lines.append("sif \(entry.path) \(field) 0") }
      for field in ["atime", "mtime", "ctime", "crtime"] { lines.append("sif \(entry.path) \(field) @\(epoch)") }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Writes the files into an image, reads them back, and checks the file system.
  ///
  /// - Parameter image: the path of the image, which is changed.
  func write(to image: Path) throws(ImageError) {
    let directory = files.directory
    do throws(SystemError) {
      let target = try Self.absolute(image)
      try posix("symlink", path: directory.appending(Self.link)) {
        symlink(target, directory.appending(Self.link).string)
      }
      try Files.replace(directory.appending("script"), with: Array(Self.script(files, epoch: epoch).utf8))
      try Files.makeDirectory(directory.appending("back"))
    } catch { throw .system(error) }
    let report = try run("debugfs", ["-w", "-f", "script", device]).output
    for (number, entry) in files.entries.enumerated() where entry.size != nil {
      let back = directory.appending("back/\(number)")
      _ = try run("debugfs", ["-R", "dump \(entry.path) back/\(number)", device])
      let found = Files.exists(back) ? try DataFiles.hash(back) : ""
      if try files.hash(of: entry) != found {
        let lines = report.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("rm:") }
        let why = lines.first { $0.contains("while") || $0.contains("exists") }
        throw .failed(
          "\(entry.path) could not be written into the image\(why.map { ": \($0)" } ?? ""); use another base image")
      }
      unlink(back.string)
    }
    let check = try run("e2fsck", ["-f", "-n", device])
    if check.code != 0 {
      let last = check.output.split(separator: "\n").last.map(String.init) ?? "exit status \(check.code)"
      throw .failed("e2fsck finds the new data partition damaged: \(last); please report this")
    }
  }

  /// The partition as the tools name it.
  private var device: String { "\(Self.link)?offset=\(start)" }

  private static func absolute(_ path: Path) throws(SystemError) -> String {
    if path.string.hasPrefix("/") { return path.string }
    guard let here = getcwd(nil, 0) else { throw SystemError("getcwd", code: errno) }
    defer { free(here) }
    return Path(String(cString: here)).appending(path.string).string
  }

  /// Runs a tool of e2fsprogs in the temporary directory, with a fixed time.
  private func run(_ tool: String, _ arguments: [String]) throws(ImageError) -> ChildProcess.Outcome {
    // Debian's users have no sbin in PATH.
    let places = ["/usr/sbin/", "/sbin/"].map { $0 + tool }
    let program = places.first { Files.exists($0) } ?? tool
    let times = ["E2FSPROGS_FAKE_TIME=\(epoch)", "SOURCE_DATE_EPOCH=\(epoch)", "TZ=UTC0", "LC_ALL=C"]
    let words = ["-C", files.directory.string] + times + [program] + arguments
    let outcome = try mapError(ImageError.system, ChildProcess.run("env", words, seconds: Self.patience))
    if outcome.code == 127 { throw .failed("\(tool) is not installed: install it (apt-get install e2fsprogs)") }
    return outcome
  }
}
