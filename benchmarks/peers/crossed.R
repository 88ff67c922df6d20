# lme4 on the simulated crossed ratings by REML; prints what it found as JSON.
#   Rscript crossed.R FOLDER RATINGS SLOPES
suppressPackageStartupMessages(library(lme4))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
n <- as.integer(arguments[2])
slopes <- as.integer(arguments[3])

ids <- function(name) factor(readBin(file.path(folder, name), "integer", n, size = 4))
covariates <- matrix(readBin(file.path(folder, "covariates.bin"), "double", 10 * n), n)
colnames(covariates) <- paste0("x", 0:9)
ratings <- data.frame(
  client = ids("client.bin"), therapist = ids("therapist.bin"),
  score = readBin(file.path(folder, "score.bin"), "double", n), covariates
)
varying <- if (slopes) sprintf("(0 + x%d | therapist)", seq_len(slopes) - 1) else character(0)
terms <- c(colnames(covariates), "(1 | client)", "(1 | therapist)", varying)
clock <- system.time(fit <- lmer(reformulate(terms, "score"), ratings))
seconds <- clock[["user.self"]] + clock[["sys.self"]]
variances <- as.data.frame(VarCorr(fit))
cat(sprintf(
  '{"seconds": %.17g, "criterion": %.17g, "variances": {%s}, "blas": "%s", "version": "%s"}\n', seconds, REMLcrit(fit),
  paste(sprintf('"%s %s": %.17g', variances$grp, variances$var1, variances$vcov), collapse = ", "),
  extSoftVersion()[["BLAS"]], packageVersion("lme4")
))
