import CFuse
import Glibc
import Posix
import Synchronization

/// The simulated sysfs and its open files. Safe to use from any thread.
final class SysfsServer: Sendable {
  private struct State: Sendable {
    var tree: SysfsTree
    var files: [UInt64: OpenFile] = [:]
    var lastFile: UInt64 = 0
  }

  private struct OpenFile: Sendable {
    var file: SysfsTree.File
    /// Address of the `fuse_pollhandle` of a poll that waits for the file; 0 for none. Owned: code that removes it
    /// destroys it. An integer, because pointers are not Sendable.
    var poller: UInt = 0
  }

  /// All mutable state. Guarded by the mutex.
  private let state: Mutex<State>

  init(_ configuration: LinesConfiguration) { state = Mutex(State(tree: SysfsTree(configuration))) }

  // MARK: Lines and lamps

  func drive(_ line: Int, _ levels: [Lines.Level]) {
    state.withLock { state in
      for level in levels { state.tree.drive(line, level) }
      Self.wake(&state)
    }
  }

  func level(of line: Int) -> Lines.Level { state.withLock { $0.tree.level(of: line) } }

  var lampChanges: [Lines.LampChange] { state.withLock { $0.tree.lampChanges } }

  // MARK: Requests of the kernel

  func node(at path: String) -> SysfsNode? { state.withLock { $0.tree.node(at: path) } }

  func names(in directory: SysfsNode) -> [String] { state.withLock { $0.tree.names(in: directory) } }

  /// Opens a file and returns its number. open(2)
  func open(_ path: String, flags: CInt) throws(SysfsTree.Refusal) -> UInt64 {
    try state.withLock { (state) throws(SysfsTree.Refusal) -> UInt64 in
      guard let node = state.tree.node(at: path) else { throw SysfsTree.Refusal(ENOENT) }
      let file = try state.tree.open(node, flags: flags, now: .now)
      state.lastFile += 1
      state.files[state.lastFile] = OpenFile(file: file)
      return state.lastFile
    }
  }

  func read(_ number: UInt64, from offset: Int, count: Int) throws(SysfsTree.Refusal) -> [UInt8] {
    try state.withLock { (state) throws(SysfsTree.Refusal) -> [UInt8] in
      guard var open = state.files[number] else { throw SysfsTree.Refusal(EBADF) }
      let bytes = try state.tree.read(&open.file, from: offset, count: count)
      state.files[number] = open
      return Array(bytes)
    }
  }

  func write(_ bytes: [UInt8], to number: UInt64) throws(SysfsTree.Refusal) {
    try state.withLock { (state) throws(SysfsTree.Refusal) -> Void in
      guard let open = state.files[number] else { throw SysfsTree.Refusal(EBADF) }
      try state.tree.write(bytes, to: open.file, now: .now)
      Self.wake(&state)
    }
  }

  /// Returns whether the file has an event now. Takes ownership of `poller`, which is notified once, or destroyed.
  func poll(_ number: UInt64, poller: OpaquePointer?) throws(SysfsTree.Refusal) -> Bool {
    let poller = UInt(bitPattern: poller)
    return try state.withLock { (state) throws(SysfsTree.Refusal) -> Bool in
      guard var open = state.files[number] else {
        Self.destroy(poller)
        throw SysfsTree.Refusal(EBADF)
      }
      // A poll without a handle only queries; a poll that waits already keeps its handle.
      if poller != 0 {
        Self.destroy(open.poller)
        open.poller = poller
        state.files[number] = open
      }
      return state.tree.hasEvent(open.file)
    }
  }

  func release(_ number: UInt64) {
    state.withLock { state in
      if let open = state.files.removeValue(forKey: number) { Self.destroy(open.poller) }
    }
  }

  /// Closes all files. Call it before the session ends, to which the poll handles belong.
  func releaseAll() {
    state.withLock { state in
      for open in state.files.values { Self.destroy(open.poller) }
      state.files = [:]
    }
  }

  /// Notifies the polls that wait for a file with an event. Called under the lock, so that no session ends meanwhile.
  /// The kernel only marks the waiting thread as runnable and sends another poll later.
  private static func wake(_ state: inout State) {
    for (number, open) in state.files where open.poller != 0 && state.tree.wakes(open.file) {
      fuse_notify_poll(OpaquePointer(bitPattern: open.poller))
      destroy(open.poller)
      state.files[number]?.poller = 0
    }
  }

  private static func destroy(_ poller: UInt) {
    if let poller = OpaquePointer(bitPattern: poller) { fuse_pollhandle_destroy(poller) }
  }
}
