import CFuzzer
import Glibc

// fuzz TARGET [libFuzzer's arguments: directories, -max_total_time=…, a file to replay]: fuzzes one target of
// Targets.swift. `fuzz list` lists them. Tests/fuzz builds and runs this program.

/// The entry point for libFuzzer's own main, which is linked but not used.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  Target.chosen.run(Array(UnsafeBufferPointer(start: data, count: data == nil ? 0 : size)))
  return 0
}

var words = CommandLine.arguments
guard words.count > 1, let target = Target(rawValue: words[1]) else {
  print(Target.allCases.map(\.rawValue).joined(separator: "\n"))
  exit(words.count > 1 && words[1] == "list" ? 0 : 64)
}
words.remove(at: 1)
Target.chosen = target
// Loads shared data before the first input.
target.run([0x0A, 0x61])
var count = CInt(words.count)
var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
pointers.withUnsafeMutableBufferPointer { buffer in
  var base = buffer.baseAddress
  exit(LLVMFuzzerRunDriver(&count, &base) { test($0, $1) })
}
