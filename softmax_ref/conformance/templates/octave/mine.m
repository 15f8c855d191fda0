% A softmax in Octave for softmax-ref to judge: a request a line on standard input, an answer a line on standard output.
% check: softmax-ref check --command "octave-cli --norc --quiet mine.m"
1;

% Your softmax here: a row of logits to a row of probabilities, in the class of z (single: binary32, double: binary64).
function y = softmax(z)
  e = exp(z - max(z));
  y = e / sum(e);
end

% The rest is the protocol. Rows of n entries, `step` apart, along the axis of an array in row-major order.
function y = along(z, shape, axis)
  axis = mod(axis, max(numel(shape), 1)) + 1;
  n = prod(shape(axis:min(axis, end)));
  step = prod(shape(axis + 1:end));
  y = z;
  for start = find(mod(floor((0:numel(z) - 1) / step), n) == 0)
    places = start + step * (0:n - 1);
    y(places) = softmax(z(places));
  end
end

function answer = run(request, class_of_z)
  z = request.inputs.z;
  answer = struct("seq", request.seq, "y", {{}});
  try
    if isempty(z.bits), return, end
    numbers = hex2num(char(regexprep(z.bits, '^0[xX]', '')), class_of_z);
    answer.y = cellstr(num2hex(along(numbers.', z.shape(:).', request.axis)));
  catch failed
    answer = struct("seq", request.seq, "errored", failed.message);
  end
end

classes = struct("binary32", "single", "binary64", "double");
while true
  try
    line = input("", "s"); % fgetl would wait for the request after it
  catch
    break % the end of the input
  end
  request = jsondecode(line, "makeValidName", false);
  if strcmp(request.op, "stop")
    break
  elseif strcmp(request.op, "start")
    answer = struct("name", "mine.m", "functions", {{"softmax"}}, "formats", {{"binary32", "binary64"}});
  elseif strcmp(request.("function"), "softmax") && isfield(classes, request.format)
    answer = run(request, classes.(request.format));
  else
    answer = struct("seq", request.seq, "skipped", "not offered");
  end
  printf("%s\n", jsonencode(answer));
  fflush(stdout);
end
