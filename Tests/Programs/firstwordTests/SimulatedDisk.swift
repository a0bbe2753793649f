import Foundation
import Posix
import Testing

/// A call that a program made to change files, as Tests/Support/diskspy wrote it down.
struct DiskCall: CustomStringConvertible {
  let verb: String
  let paths: [String]
  /// What the file held, for `sync`.
  var content: [UInt8] = []

  var description: String { ([verb] + paths).joined(separator: " ") }

  /// What `firstword` does to the files below a directory, in order; it must succeed.
  static func made(by arguments: [String], in directory: String, below root: String) throws -> [DiskCall] {
    let library = try Files.programDirectory().appending("libdiskspy.so").string
    try #require(Files.exists(library))
    let log = FileManager.default.temporaryDirectory.path + "/firstword-calls-\(UUID().uuidString.prefix(8))"
    defer {
      for path in (try? Files.list(Path(log).parent)) ?? [] where path.hasPrefix(Path(log).lastComponent) {
        unlink(Path(log).parent.appending(path).string)
      }
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending("firstword").string)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["LD_PRELOAD": library, "DISKSPY_ROOT": root, "DISKSPY_LOG": log]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return try read(log)
  }

  private static func read(_ log: String) throws -> [DiskCall] {
    let lines = String(decoding: try Files.read(log), as: UTF8.self).split(separator: "\n")
    return try lines.enumerated().map { index, line in
      let fields = line.split(separator: "\t").map(String.init)
      var call = DiskCall(verb: fields[0], paths: Array(fields[1...]))
      if call.verb == "sync" { call.content = try Files.read("\(log).\(index + 1)") }
      return call
    }
  }
}

/// A disk behind a cache, of which a power cut leaves what POSIX promises and no more: the content of a file as it was
/// when it was last synced, and names as they were when their directory was last synced, with any first part of what was
/// done to them since: file systems keep the order of names, and may be ahead of the last sync.
struct SimulatedDisk {
  /// What a file holds on the disk; nothing for one that was never synced.
  private var contents: [Int: [UInt8]] = [:]
  /// Names that have reached the disk for certain.
  private var names: [String: Int] = [:]
  private var directories: Set<String> = []
  /// Changes of names that have not, in their order.
  private var pending: [Change] = []
  private var next = 0

  /// Reaches the disk whole or not at all.
  private enum Change {
    /// Each name's file from now on; none for one that is removed. A rename changes two of one directory.
    case names([String: Int?])
    case directory(String)

    var parent: String {
      switch self {
      case .names(let names): Path(names.keys.first ?? "").parent.string
      case .directory(let path): Path(path).parent.string
      }
    }
  }

  /// Everything in a directory, long since synced.
  init(_ directory: String) throws {
    for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
      if Files.isDirectory("\(directory)/\(path)") {
        directories.insert(path)
      } else {
        names[path] = next
        contents[next] = try Files.read("\(directory)/\(path)")
        next += 1
      }
    }
  }

  /// What a program sees.
  private var seen: [String: Int] { Self.applied(pending[...], to: names) }

  private static func applied(_ changes: ArraySlice<Change>, to names: [String: Int]) -> [String: Int] {
    var names = names
    for case .names(let changed) in changes { for (path, file) in changed { names[path] = file } }
    return names
  }

  mutating func apply(_ call: DiskCall) throws {
    let path = call.paths[0]
    switch call.verb {
    case "make":
      pending.append(.names([path: next]))
      next += 1
    case "cut": if let file = seen[path] { contents[file] = [] }
    case "write": break
    case "sync": if let file = seen[path] { contents[file] = call.content }
    case "syncdir":
      let isInside: (Change) -> Bool = { $0.parent == path }
      names = Self.applied(pending.filter(isInside)[...], to: names)
      for case .directory(let made) in pending where Path(made).parent.string == path { directories.insert(made) }
      pending.removeAll(where: isInside)
    case "rename":
      pending.append(.names([call.paths[1]: seen[path], path: nil]))
    case "link": pending.append(.names([call.paths[1]: seen[path]]))
    case "unlink": pending.append(.names([path: nil]))
    case "mkdir": pending.append(.directory(path))
    default: throw CocoaError(.fileReadCorruptFile)
    }
  }

  /// All that a power cut now may leave.
  func afterPowerCut() -> [Remains] {
    (0...pending.count).map { count in
      let kept = pending[..<count]
      var all = directories
      for case .directory(let path) in kept { all.insert(path) }
      return Remains(directories: all, files: Self.applied(kept, to: names).mapValues { contents[$0] ?? [] })
    }
  }

  struct Remains {
    let directories: Set<String>
    let files: [String: [UInt8]]

    func write(to directory: String) throws {
      try Files.makeDirectory(directory)
      for path in directories { try Files.makeDirectory("\(directory)/\(path)") }
      for (path, content) in files where Files.isDirectory(Path("\(directory)/\(path)").parent) {
        try Data(content).write(to: URL(fileURLWithPath: "\(directory)/\(path)"))
      }
    }
  }
}
