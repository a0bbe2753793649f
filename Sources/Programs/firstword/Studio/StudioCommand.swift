import ArgumentParser
import Catalogue
import Diagnostics
import Glibc
import Posix
import Practice
import Project
import Studio
import Web

struct StudioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "studio",
    abstract: "Serve a page on this machine on which a trainer does the whole work in a browser.",
    discussion: """
        firstword studio                      # the project here, or all projects in the directories below
        firstword studio shelter
        firstword studio shelter --read-only  # to look at it together; nothing can be changed

      The page is for browsers on this machine only (127.0.0.1), and loads nothing from elsewhere. The printed address \
      lets one browser in; after that, the address for another one is printed. Command line and page can be used at the \
      same time. In its booth a speaker records, with a microphone of this machine or of the browser. The page also has \
      a device to practise with, and reads the journal of a device; neither is kept. Files that are dropped on the page \
      for an import are kept in the project's directory .uploads until they are imported or discarded, and for a day at \
      most. Channels, which bring kits to many devices, are made beside the projects' directories ('firstword help \
      channel'). Ctrl-C ends it; what was saved stays.

      Exit status: 0 ended; 2 the port or the project cannot be used.
      """)

  @Argument(help: ArgumentHelp("The project's directory.", valueName: "PROJECT"))
  var project: String?

  @Flag(help: "Print the address, and start no browser.")
  var noOpen = false

  @Option(help: ArgumentHelp("The port; default: any that is free.", valueName: "N"))
  var port = 0

  @Option(
    help: ArgumentHelp(
      "ALSA PCM of the microphone for the booth; default: the desktop's, else the browser's.", valueName: "NAME"))
  var device: String?

  @Flag(help: "Refuse all changes.")
  var readOnly = false

  @OptionGroup var kept: CacheOption
  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if !(0...65_535).contains(port) { throw ValidationError("--port takes a number from 0 to 65535") }
  }

  // Swift 6.0's optimizer crashes on this function (CopyPropagation, with the socket that it hands on).
  @_optimize(none)
  func run() throws {
    // Before any thread: all of them leave the signals to this one.
    let signals = try FileDescriptor.signals([SIGINT, SIGTERM, SIGHUP])
    Memory.shareHeap(areas: 2)
    let catalogue = try Catalogue.locate(words.catalogue)
    if let project { try checkProject(project) }
    let isProject = Files.exists(ProjectFile.name)
    let socket = try LocalSocket(port: port)
    let bell = try Bell()
    let studio = Studio(
      port: socket.port, shelf: Self.here, project: project ?? (isProject ? Self.here : nil), catalogue: catalogue,
      cache: kept.cache, isReadOnly: readOnly, microphone: device, onEntry: { bell.ring() })
    let practice = Practice(studio)
    let server = try LocalServer(on: socket, serving: studio.site(with: practice.routes), events: studio.events)
    print("\(studio.address)")
    print("Open it in a browser on this machine; it works once, and gives full use of the page. Ctrl-C ends it.")
    let launch = noOpen ? nil : BrowserLaunch(studio.address)
    while true {
      var poll = Poll()
      let signal = poll.add(signals.raw, events: POLLIN)
      let entry = poll.add(bell.descriptor, events: POLLIN)
      try poll.wait(until: .now.adding(milliseconds: 2000))
      if poll.answer(signal) != 0, signals.takeSignal() != nil { break }
      if poll.answer(entry) != 0 {
        bell.clear()
        launch?.remove()
        print("A browser is in. For another one: \(studio.address)")
      }
      studio.publishChanges()
      studio.removeOldDrafts()
      // What answers needed for a moment.
      Memory.trim()
    }
    launch?.remove()
    practice.close()
    studio.end()
    _ = consume server
  }

  /// The current directory in full, by which the page names it. getcwd(3)
  private static var here: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }
}

/// Wakes the command's thread from a thread of the server.
private final class Bell: Sendable {
  private let wake: Wake

  init() throws(SystemError) { wake = try Wake() }

  var descriptor: CInt { wake.descriptor }
  func ring() { wake.signal() }
  func clear() { wake.clear() }
}

/// Opens an address in the person's browser, by a file that only this person can read: other users of the machine see
/// the arguments of programs, and must not see the token.
private struct BrowserLaunch {
  private let directory: Path
  private var file: Path { directory.appending("studio.html") }

  /// Opens the address; nil if there is no screen.
  init?(_ address: String) {
    guard getenv("DISPLAY") != nil || getenv("WAYLAND_DISPLAY") != nil,
      let directory = try? Files.makeTemporaryDirectory("firstword-studio")
    else { return nil }
    self.directory = directory
    let page = "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=\"0; url=\(address)\">\n"
    guard (try? Files.create(file, with: Array(page.utf8), mode: 0o600)) != nil else { return nil }
    let path = file.string
    // It may run as long as the browser does.
    try? Thread("browser") { _ = try? ChildProcess.run("xdg-open", [path], seconds: 60) }.detach()
  }

  /// Removes the file.
  func remove() {
    unlink(file.string)
    rmdir(directory.string)
  }
}
