import CFuse
import Glibc
import Posix
import Synchronization

/// The tree with its open files, shared by the thread that answers the kernel and those that drive lines.
final class SysfsServer: Sendable {
  private struct State: Sendable {
    var tree: SysfsTree
    var files: [UInt64: OpenFile] = [:]
    var lastFile: UInt64 = 0
  }

  private struct OpenFile: Sendable {
    var file: SysfsTree.File
    /// Address of the `fuse_pollhandle` of somebody who sleeps on the file, 0 for nobody. Owned: whoever takes
    /// it out destroys it. (An address, because a pointer may not cross threads, which is what these do.)
    var sleeper: UInt = 0
  }

  private let state: Mutex<State>

  init(_ configuration: LinesConfiguration) { state = Mutex(State(tree: SysfsTree(configuration))) }

  // MARK: The world outside

  func drive(_ line: Int, _ levels: [Lines.Level]) {
    state.withLock { state in
      for level in levels { state.tree.drive(line, level) }
      Self.wake(&state)
    }
  }

  func wire(_ line: Int) -> Lines.Level { state.withLock { $0.tree.wire(line) } }

  var lights: [Lines.Light] { state.withLock { $0.tree.lights } }

  // MARK: What the kernel asks

  func node(at path: String) -> SysfsNode? { state.withLock { $0.tree.node(at: path) } }

  func names(in directory: SysfsNode) -> [String] { state.withLock { $0.tree.names(in: directory) } }

  /// A number for the open file.
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

  /// Whether the file has an event now. `sleeper` is taken over: it is woken once, or destroyed.
  func poll(_ number: UInt64, sleeper: OpaquePointer?) throws(SysfsTree.Refusal) -> Bool {
    let sleeper = UInt(bitPattern: sleeper)
    return try state.withLock { (state) throws(SysfsTree.Refusal) -> Bool in
      guard var open = state.files[number] else {
        Self.destroy(sleeper)
        throw SysfsTree.Refusal(EBADF)
      }
      // A poll that comes without a sleeper only asks; one that sleeps already goes on sleeping.
      if sleeper != 0 {
        Self.destroy(open.sleeper)
        open.sleeper = sleeper
        state.files[number] = open
      }
      return state.tree.hasEvent(open.file)
    }
  }

  func release(_ number: UInt64) {
    state.withLock { state in
      if let open = state.files.removeValue(forKey: number) { Self.destroy(open.sleeper) }
    }
  }

  /// Forgets all open files. Nothing may be asked afterwards of the session that the sleepers belong to.
  func releaseAll() {
    state.withLock { state in
      for open in state.files.values { Self.destroy(open.sleeper) }
      state.files = [:]
    }
  }

  /// Wakes those who sleep on a file that has an event now. It is done under the lock, so that no session ends
  /// between: the kernel only marks the sleeper as runnable and comes back with a poll of its own.
  private static func wake(_ state: inout State) {
    for (number, open) in state.files where open.sleeper != 0 && state.tree.wakes(open.file) {
      fuse_notify_poll(OpaquePointer(bitPattern: open.sleeper))
      destroy(open.sleeper)
      state.files[number]?.sleeper = 0
    }
  }

  private static func destroy(_ sleeper: UInt) {
    if let sleeper = OpaquePointer(bitPattern: sleeper) { fuse_pollhandle_destroy(sleeper) }
  }
}
