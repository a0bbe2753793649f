// Records from the browser's microphone without a gap: every block has frame numbers. Knows nothing of the studio.

/** What a browser may do to a voice, and must not. */
const processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }

/** Seconds to wait for the first sound, and after it: the first moments of a microphone have jumps. */
const patience = 10
const settling = 1
/** Seconds for which a take goes on when it is ended: what was spoken until then is still on its way. */
const tail = 0.15

export class Recorder {
  /**
   * Asks for the microphone, and waits until it sounds. Call it from a click or a key: a browser wants one.
   *
   * @param {object} options
   * @param {string} options.worklet address of recorder-worklet.js.
   * @param {function({peak: number, rms: number, isClipped: boolean}): void} [options.onLevel] called some 40 times a
   *   second, during a take or not; full scale is 1.
   * @param {function(string): void} [options.onEnd] called when the microphone is gone, with the reason.
   * @param {string} [options.deviceId] of one microphone.
   * @returns {Promise<Recorder>}
   */
  static async open({ worklet, onLevel, onEnd, deviceId }) {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("this browser gives this page no microphone: open the page in another browser, on a laptop")
    }
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, ...processing, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) } })
    const recorder = new Recorder(stream, onLevel ?? (() => {}), onEnd ?? (() => {}))
    try {
      await recorder.begin(worklet)
      return recorder
    } catch (error) {
      recorder.close()
      throw error
    }
  }

  constructor(stream, onLevel, onEnd) {
    this.stream = stream
    this.onLevel = onLevel
    this.onEnd = onEnd
    const [track] = stream.getAudioTracks()
    this.track = track
    /** The microphone's name. */
    this.label = track.label
    this.settings = track.getSettings()
    /** The kinds of processing that the browser does not turn off. */
    this.unwanted = Object.keys(processing).filter((name) => Boolean(this.settings[name]))
    this.take = null
    this.next = -1
    track.onended = () => this.lose("the microphone is gone")
    // A muted track gives silence that nobody spoke.
    track.onmute = () => { if (this.take) this.take.isTorn = true }
  }

  async begin(worklet) {
    // A context at another rate than the microphone's would resample. Firefox does not say the rate.
    let own = this.settings.sampleRate
    if (!own) {
      const probe = new AudioContext()
      own = probe.sampleRate
      await probe.close()
    }
    this.context = new AudioContext({ sampleRate: own, latencyHint: "playback" })
    /** Samples a second. */
    this.rate = this.context.sampleRate
    await this.context.audioWorklet.addModule(worklet)
    this.node = new AudioWorkletNode(this.context, "recorder", { numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1,
      channelCountMode: "explicit", channelInterpretation: "discrete" })
    const first = new Promise((resolve, reject) => {
      this.onFirst = resolve
      setTimeout(() => reject(new Error("the microphone gives no sound: choose another one in the browser's settings")),
        patience * 1000)
    })
    this.node.port.onmessage = ({ data }) => this.hear(data)
    this.source = this.context.createMediaStreamSource(this.stream)
    this.source.connect(this.node)
    // Without a click or a key it hangs; then no sound comes either.
    this.context.resume().catch(() => {})
    await first
    await new Promise((resolve) => { setTimeout(resolve, settling * 1000) })
  }

  hear({ first, samples, isTorn, isLast }) {
    const isHole = isTorn || (this.next >= 0 && samples.length > 0 && first !== this.next)
    if (samples.length > 0) {
      this.next = first + samples.length
      this.onFirst()
      this.onLevel(levelOf(samples))
    }
    const take = this.take
    if (take && samples.length > 0) {
      // The frames before the take began are left out, however late their block is handed over.
      const skip = Math.min(Math.max(take.from - first, 0), samples.length)
      if (skip < samples.length) {
        if (isHole && (take.count > 0 || first > take.from)) take.isTorn = true
        take.parts.push(skip > 0 ? samples.subarray(skip) : samples)
        take.count += samples.length - skip
      }
    }
    if (isLast) this.onLast?.()
  }

  /** Begins a take with the frames that sound from now on. A take that runs is thrown away. */
  start() {
    this.take = { from: Math.ceil(this.context.currentTime * this.rate), parts: [], count: 0, isTorn: false }
  }

  /** Throws away the take that runs. */
  drop() {
    this.take = null
  }

  /** Seconds of the take so far. */
  get elapsed() { return this.take ? this.take.count / this.rate : 0 }

  /**
   * Ends the take.
   *
   * @returns {Promise<{samples: Float32Array, rate: number, isTorn: boolean}>} `isTorn`: audio is missing in it.
   */
  async stop() {
    await new Promise((resolve) => { setTimeout(resolve, tail * 1000) })
    await new Promise((resolve) => {
      this.onLast = resolve
      this.node.port.postMessage("flush")
      setTimeout(resolve, 2000) // the microphone is gone
    })
    const take = this.take ?? { parts: [], count: 0, isTorn: true }
    this.take = null
    const samples = new Float32Array(take.count)
    let at = 0
    for (const part of take.parts) {
      samples.set(part, at)
      at += part.length
    }
    return { samples, rate: this.rate, isTorn: take.isTorn }
  }

  lose(reason) {
    if (this.isClosed) return
    if (this.take) this.take.isTorn = true
    this.close()
    this.onEnd(reason)
  }

  /** Gives the microphone back. */
  close() {
    if (this.isClosed) return
    this.isClosed = true
    for (const track of this.stream.getTracks()) track.stop()
    this.source?.disconnect()
    this.context?.close().catch(() => {})
  }
}

/** Peak and power of a block; `isClipped` where three samples in a row reach full scale with one sign. */
function levelOf(samples) {
  let [peak, sum, run, last, isClipped] = [0, 0, 0, 0, false]
  for (const sample of samples) {
    const size = Math.abs(sample)
    if (size > peak) peak = size
    sum += sample * sample
    run = size >= 0.9995 ? (sample * last > 0 ? run + 1 : 1) : 0
    last = sample
    if (run >= 3) isClipped = true
  }
  return { peak, rms: Math.sqrt(sum / samples.length), isClipped }
}

/** The bits a sample that hold all of the sound: 16 where the microphone gives no more, else 24. */
export function bitsOf(samples) {
  return samples.every((sample) => Number.isInteger(sample * 32768)) ? 16 : 24
}

/** A WAV file with one channel. Samples of that many bits are exact; full scale is 1. */
export function wav(samples, rate, bits = bitsOf(samples)) {
  const width = bits / 8
  const count = samples.length * width
  const bytes = new Uint8Array(44 + count + (count & 1))
  const view = new DataView(bytes.buffer)
  const text = (at, letters) => bytes.set([...letters].map((letter) => letter.charCodeAt(0)), at)
  text(0, "RIFF")
  view.setUint32(4, bytes.length - 8, true)
  text(8, "WAVEfmt ")
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * width, true)
  view.setUint16(32, width, true)
  view.setUint16(34, bits, true)
  text(36, "data")
  view.setUint32(40, count, true)
  const full = 2 ** (bits - 1)
  let at = 44
  for (const sample of samples) {
    const value = Math.max(-full, Math.min(full - 1, Math.round(sample * full)))
    for (let shift = 0; shift < bits; shift += 8) {
      bytes[at] = (value >> shift) & 255
      at += 1
    }
  }
  return bytes
}
