# lme4 on InstEval: export the ratings, or fit one of the two published models by REML and print what it found.
#   Rscript insteval.R export FILE            the data as CSV, under the names of a ratings file
#   Rscript insteval.R fit m1|m2 REPEATS      JSON: seconds of each fit, criterion, variances, coefficients
suppressPackageStartupMessages(library(lme4))
arguments <- commandArgs(trailingOnly = TRUE)

formulas <- list(
  m1 = y ~ service + (1 | s) + (1 | d) + (1 | dept),
  m2 = y ~ service * dept + (1 | s) + (1 | d)
)

if (arguments[1] == "export") {
  ratings <- with(InstEval, data.frame(
    client_id = s, therapist_id = d, score = y, service = paste0("S", service), dept = paste0("D", dept),
    studage = studage, lectage = lectage
  ))
  write.csv(ratings, arguments[2], row.names = FALSE, quote = FALSE)
} else {
  formula <- formulas[[arguments[2]]]
  seconds <- numeric(0)
  for (turn in seq_len(as.integer(arguments[3]))) {
    seconds[turn] <- system.time(fit <- lmer(formula, InstEval))[["elapsed"]]
  }
  variances <- as.data.frame(VarCorr(fit))
  pairs <- function(names, values) paste(sprintf('"%s": %.17g', names, values), collapse = ", ")
  cat(sprintf(
    '{"seconds": [%s], "criterion": %.17g, "variances": {%s}, "fixed": {%s}, "effects": {%s}, "blas": "%s", "lme4": "%s", "R": "%s"}\n',
    paste(seconds, collapse = ", "), REMLcrit(fit), pairs(variances$grp, variances$vcov),
    pairs(names(fixef(fit)), fixef(fit)), pairs(rownames(ranef(fit)$d)[1:3], ranef(fit)$d[1:3, 1]),
    extSoftVersion()[["BLAS"]], packageVersion("lme4"), getRversion()
  ))
}
