import Glibc
import Posix
import Synchronization

/// Simulated GPIO lines: a directory that behaves as the kernel's `/sys/class/gpio` does, and the world outside.
///
///     DIR/gpio/          the tree: export, unexport, gpiochip512/{base,label,ngpio}, gpio517/{value,edge,…}
///     DIR/leds/          as `/sys/class/leds`: NAME/{brightness,max_brightness,trigger}, where LEDs are configured
///     DIR/drive/5        the wire of line 5: write 0 or 1 (or a burst such as 0101), read the level
///     DIR/drive/NAME     the brightness of a LED, to be read
///
/// Reading `drive/5` gives what the program drives where the line is an output: so a test sees a LED. poll(2)
/// for POLLPRI on it answers each time the wire, or the LED, has changed.
///
/// Mounted through FUSE. Where that is not to be had, plain files stand in the same places and are told from it
/// by `kind`: they have no `edge`, so a program looks at them on a timer, and `export` does nothing, as every
/// line is there already. All calls may come from any thread.
public final class Lines: Sendable {
  public enum Level: UInt8, Sendable { case low, high }

  public enum Kind: Sendable {
    /// A FUSE file system, with edges.
    case mounted
    /// Plain files, without.
    case plainFiles
  }

  /// What a program can light: a LED by its name, or an output line.
  public enum Lamp: Hashable, Sendable {
    case led(String)
    case line(Int)
  }

  /// A change of a lamp. An output is lit while it is high.
  public struct Light: Equatable, Sendable {
    public let lamp: Lamp
    public let isLit: Bool
    public let time: Monotonic
  }

  public let kind: Kind
  /// The directory, absolute.
  public let directory: String
  public let configuration: LinesConfiguration

  private let side: Side
  private enum Side: Sendable {
    case mounted(SysfsServer, FUSEMount)
    case plainFiles(PlainFileTree)
  }
  /// Whether the directory was made for the lines, and goes with them.
  private let madeDirectory: Bool
  private let isOver = Mutex(false)

  /// What stands in for `/sys/class/gpio`.
  public var gpioRoot: String { directory + "/gpio" }
  /// What stands in for `/sys/class/leds`.
  public var ledRoot: String { directory + "/leds" }

  /// Shows the lines in `directory`, which is made if it is not there, and otherwise has to be empty. What a killed
  /// run left there is cleared away first.
  ///
  /// - Parameter kind: `nil` mounts where that is possible, and else lays plain files and says so on standard
  ///   error.
  public static func start(
    mountedAt directory: String, _ configuration: LinesConfiguration = LinesConfiguration(), as kind: Kind? = nil
  ) throws(LinesError) -> Lines {
    if let fault = configuration.fault { throw .configuration(fault) }
    switch kind {
    case .mounted: return try Lines(mounting: configuration, at: directory)
    case .plainFiles: return try Lines(laying: configuration, at: directory)
    case nil:
      do throws(LinesError) {
        return try Lines(mounting: configuration, at: directory)
      } catch {
        switch error {
        case .unavailable, .mount: break
        default: throw error
        }
        let lines = try Lines(laying: configuration, at: directory)
        let warning =
          "WARNING: \(error)\nWARNING: plain files at \(lines.directory) instead: no edges, timed polls only\n"
        _ = write(STDERR_FILENO, warning, warning.utf8.count)
        return lines
      }
    }
  }

  private init(mounting configuration: LinesConfiguration, at directory: String) throws(LinesError) {
    if let reason = Self.unavailable { throw .unavailable(reason: reason) }
    let place = try MountPoint(directory)
    let server = SysfsServer(configuration)
    do throws(LinesError) {
      side = .mounted(server, try FUSEMount(server, at: place.path))
    } catch {
      place.leave()
      throw error
    }
    kind = .mounted
    self.directory = place.path
    madeDirectory = place.isNew
    self.configuration = configuration
  }

  private init(laying configuration: LinesConfiguration, at directory: String) throws(LinesError) {
    let place = try MountPoint(directory)
    do throws(LinesError) {
      side = .plainFiles(try PlainFileTree(configuration, at: place.path))
    } catch {
      place.leave()
      throw error
    }
    kind = .plainFiles
    self.directory = place.path
    madeDirectory = place.isNew
    self.configuration = configuration
  }

  deinit { unmount() }

  /// Puts levels on the wire of a line, one after the other: button contacts, as a finger moves them. The wire
  /// of an output keeps the program's level, and shows this one when it becomes an input again.
  public func drive(_ line: Int, _ levels: Level...) throws(LinesError) { try drive(line, levels) }

  public func drive(_ line: Int, _ levels: [Level]) throws(LinesError) {
    try check(line)
    switch side {
    case .mounted(let server, _): server.drive(line, levels)
    case .plainFiles(let files): try files.drive(line, levels)
    }
  }

  /// The level on the wire of a line.
  public func level(of line: Int) throws(LinesError) -> Level {
    try check(line)
    switch side {
    case .mounted(let server, _): return server.wire(line)
    case .plainFiles(let files): return try files.level(of: line)
    }
  }

  /// What programs have lit and put out since the start, in order; plain files keep no account of it.
  public var lights: [Light] {
    switch side {
    case .mounted(let server, _): server.lights
    case .plainFiles: []
    }
  }

  private func check(_ line: Int) throws(LinesError) {
    guard (0..<configuration.count).contains(line) else { throw .noSuchLine(line, count: configuration.count) }
    if isOver.withLock({ $0 }) { throw .ended(path: directory) }
  }

  /// Readable (POLLIN) once a mount is over, also where somebody else has unmounted it; `nil` for plain files.
  public var endDescriptor: CInt? {
    switch side {
    case .mounted(_, let mount): mount.descriptor
    case .plainFiles: nil
    }
  }

  /// Takes the lines away, and the directory if it was made for them. Files that are open answer ENOTCONN from now
  /// on. Later calls do nothing.
  public func unmount() {
    isOver.withLock { isOver in
      if isOver { return }
      isOver = true
      switch side {
      case .mounted(_, let mount): mount.end()
      case .plainFiles(let files): files.remove()
      }
      if madeDirectory { _ = rmdir(directory) }
    }
  }
}
