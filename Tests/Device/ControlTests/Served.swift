import Control
import Foundation
import Glibc
import Posix

/// A server in a thread of its own, in a directory that goes with it.
final class Served {
  let path: String
  private let directory: String
  private let thread: Posix.Thread
  private let quit: Wake

  /// It publishes an event for each press.
  init(_ policy: ControlServer.Policy = ControlServer.Policy()) throws {
    let directory = FileManager.default.temporaryDirectory.path + "/control-\(UUID().uuidString.prefix(8))"
    try Files.makeDirectory(directory)
    self.directory = directory
    let path = directory + "/s"
    self.path = path
    quit = try Wake()
    let stop = quit.descriptor
    let box = Box(try ControlServer(path: path, policy: policy))
    thread = try Posix.Thread("server") {
      while true {
        var poll = Poll()
        let number = poll.add(stop, events: POLLIN)
        box.server.register(in: &poll)
        try? poll.wait(until: box.server.deadline)
        if poll.answer(number) != 0 { return }
        var pressed: [String] = []
        box.server.serve(poll) { verb, request in
          if let button = request.button { pressed.append(button) }
          if verb == .subscribe { return Reply(id: request.id, ok: true, state: ConsoleState()) }
          return request.button == "wrong"
            ? .failed(request.id, "unknown-button", "no such button") : .done(request.id)
        }
        for button in pressed { box.server.publish(ControlEvent("press", button: button)) }
      }
    }
  }

  deinit {
    quit.signal()
    thread.join()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Handed to the thread, and used by it alone.
  private final class Box: @unchecked Sendable {
    let server: ControlServer
    init(_ server: ControlServer) { self.server = server }
  }

  /// A peer of no manners.
  func connection() throws -> FileDescriptor {
    let socket = try FileDescriptor.streamSocket()
    try SocketAddress.with(path, "connect") { connect(socket.raw, $0, $1) }
    return socket
  }

  /// Sends bytes as they are and reads what comes back up to a newline.
  func exchange(_ bytes: [UInt8]) throws -> String {
    let socket = try connection()
    try socket.write(bytes)
    var answer: [UInt8] = []
    while answer.last != 0x0A {
      let part = try socket.read(atMost: 4096)
      if part.isEmpty { break }
      answer += part
    }
    return String(decoding: answer, as: UTF8.self)
  }
}
