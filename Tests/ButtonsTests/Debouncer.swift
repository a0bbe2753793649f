import Posix
import Testing

@testable import Buttons

@Suite("Debouncer")
struct DebouncerTests {
}
